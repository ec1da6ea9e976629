export type ExpositionFormat = 'text' | 'openmetrics';

/** One line of values. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
  readonly hasTimestamp: boolean;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^\\"]|\\[\\"n])*)"/y;
// As Go's ParseFloat takes it: the case of what is no digit does not matter. prom-client writes `Nan`.
const NUMBER =
  '[+-]?(?:(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?|[iI][nN][fF](?:inity)?|[nN][aA][nN])';
const REST = {
  text: new RegExp(`^[ \\t]+(${NUMBER})(?:[ \\t]+(-?\\d+))?[ \\t]*$`),
  // An exemplar may stand after the value and the timestamp, in seconds, of a sample.
  openmetrics: new RegExp(`^ (${NUMBER})(?: (-?\\d+(?:\\.\\d+)?))?(?: # (\\{.*))?$`),
};
const EXEMPLAR_REST = new RegExp(`^ ${NUMBER}(?: \\d+(?:\\.\\d+)?)?$`);

/**
 * Reads one line of values by the letter of the format.
 *
 * @throws {SyntaxError} saying what is wrong with it.
 */
export function parseSample(line: string, format: ExpositionFormat): Sample {
  NAME.lastIndex = 0;
  const name = NAME.exec(line)?.[0];
  if (name === undefined) throw new SyntaxError('a metric name is expected');
  const { labels, end } = parseLabels(line, name.length);
  const [, value, timestamp, exemplar] = REST[format].exec(line.slice(end)) ?? [];
  if (value === undefined) throw new SyntaxError('a number is expected after name and labels');
  if (exemplar !== undefined) checkExemplar(exemplar);
  return { name, labels, value: toNumber(value), hasTimestamp: timestamp !== undefined };
}

function parseLabels(line: string, start: number): { labels: Map<string, string>; end: number } {
  const labels = new Map<string, string>();
  if (line[start] !== '{') return { labels, end: start };
  let at = start + 1;
  while (line[at] !== '}') {
    LABEL.lastIndex = at;
    const [whole, name, value] = LABEL.exec(line) ?? [];
    if (whole === undefined || name === undefined || value === undefined) {
      throw new SyntaxError(`a label as in name="value" is expected at character ${at + 1}`);
    }
    if (labels.has(name)) throw new SyntaxError(`label '${name}' stands there twice`);
    labels.set(name, unescapeText(value));
    at += whole.length;
    if (line[at] === ',') at++;
    else if (line[at] !== '}')
      throw new SyntaxError(`',' or '}' is expected at character ${at + 1}`);
  }
  return { labels, end: at + 1 };
}

function checkExemplar(text: string): void {
  const { end } = parseLabels(text, 0);
  if (!EXEMPLAR_REST.test(text.slice(end))) {
    throw new SyntaxError('an exemplar needs labels and a number');
  }
}

/** What the backslashes in a label value or a help text stand for. */
export function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, character: string) =>
    character === 'n' ? '\n' : character,
  );
}

export function toNumber(text: string): number {
  return Number(text.replace(/inf(?:inity)?$/i, 'Infinity').replace(/nan$/i, 'NaN'));
}
