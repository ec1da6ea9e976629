// The sentences of the README that have figures. A placeholder in braces stands for a figure.
const SENTENCES = [
  'The same four metrics take {lines} lines of code instead of {handLines}, and add {added} ns to an async call instead of {handAdded} ns',
  'Nanoseconds added to an async call: thrift-metrics {added}, prom-client by hand {handAdded}, OpenTelemetry {openTelemetryAdded}',
  'A scrape of 10,000 histogram series takes {cpu} of CPU and blocks the event loop for {block} at most; prom-client takes {handCpu}, and blocks it for {handBlock}.',
];

const PLACEHOLDER = /\{(\w+)\}/;

/**
 * Replaces the figures in the README.
 *
 * @throws if a sentence is not there exactly once
 */
export function writeFigures(readme, figures) {
  return SENTENCES.reduce((text, sentence) => {
    const parts = sentence.split(PLACEHOLDER);
    const isFigure = (i) => i % 2 === 1;
    const pattern = parts
      .map((part, i) => (isFigure(i) ? '[\\d.]+(?: ms)?' : escape(part)))
      .join('');
    const found = [...text.matchAll(new RegExp(pattern, 'g'))];
    if (found.length !== 1) {
      throw new Error(`README.md has ${found.length} sentences like this one: ${sentence}`);
    }
    const written = parts.map((part, i) => (isFigure(i) ? figures[part] : part)).join('');
    return text.replace(found[0][0], () => written);
  }, readme);
}

function escape(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
