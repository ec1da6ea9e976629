import { CONTENDERS, PYTHON } from './contenders.mjs';
import { countLines } from './count-lines.mjs';
import { versionOf, versionOfPython } from './versions.mjs';

/** Writes all results as tables in Markdown. */
export function writeTables({ calls, requests, scrapes, features }) {
  const head = [
    'what',
    'version',
    'added per call',
    'bare call',
    'two clock readings',
    'bytes per call',
    'requests per second lost',
    'scrape of 10,000 histogram series',
    'CPU time of the scrape',
    'longest block',
    'lines of code',
  ];
  const rows = [...CONTENDERS, PYTHON].map((contender) => {
    const { clock, bare, measured, bytes } = calls.get(contender);
    const { share } = requests.get(contender);
    const { time, cpu, block } = scrapes.get(contender);
    return [
      contender.name,
      contender === PYTHON ? versionOfPython() : versionOf(contender),
      ns(measured - bare),
      ns(bare),
      ns(clock),
      bytes === undefined ? 'not measured' : String(Math.round(bytes)),
      share === null ? 'no answer' : `${((1 - share) * 100).toFixed(1)} %`,
      ms(time),
      ms(cpu),
      ms(block),
      String(countLines(contender)),
    ];
  });
  const names = Object.keys(features.get(CONTENDERS[0]));
  const featureRows = CONTENDERS.map((contender) => [
    contender.name,
    ...names.map((name) => (features.get(contender)[name] ? 'yes' : 'no')),
    requests.get(contender).share === null ? 'no' : 'yes',
  ]);
  return [
    table([head, ...rows]),
    table([['what', ...names, 'Thrift answers a decorated method'], ...featureRows]),
  ].join('\n\n');
}

const ns = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ns`;
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;

function table([head, ...rows]) {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
