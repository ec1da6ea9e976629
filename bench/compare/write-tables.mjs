import { markdownTable } from '../markdown-table.mjs';
import { machinesOf } from '../results.mjs';
import { CONTENDERS, PYTHONS } from './contenders.mjs';

const HEAD = [
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

/** Writes the tables, by name, for which all groups have results. Each begins with the machine that measured it. */
export function writeTables({ contenders, calls, requests, scrapes, features }) {
  const tables = new Map();
  const costs = [contenders, calls, requests, scrapes];
  if (costs.every(Boolean)) {
    const [described, ...measured] = costs.map(({ result }) => result);
    tables.set('compare', `${machinesOf(costs)}.\n\n${writeCosts(described, ...measured)}`);
  }
  if (features !== undefined && requests !== undefined) {
    tables.set('compare-features', writeFeatures(features.result, requests.result));
  }
  return tables;
}

function writeCosts(described, calls, requests, scrapes) {
  const rows = [...CONTENDERS, ...PYTHONS].map(({ name }) => {
    const { clock, bare, measured, bytes } = calls[name];
    const { share } = requests[name];
    const { time, cpu, block } = scrapes[name];
    return [
      name,
      described[name].version,
      ns(measured - bare),
      ns(bare),
      ns(clock),
      bytes === undefined ? 'not measured' : String(Math.round(bytes)),
      share === null ? 'no answer' : `${((1 - share) * 100).toFixed(1)} %`,
      ms(time),
      ms(cpu),
      ms(block),
      String(described[name].lines),
    ];
  });
  return markdownTable([HEAD, ...rows]);
}

function writeFeatures(features, requests) {
  const names = Object.keys(features[CONTENDERS[0].name]);
  const rows = CONTENDERS.map(({ name }) => [
    name,
    ...names.map((feature) => (features[name][feature] ? 'yes' : 'no')),
    requests[name].share === null ? 'no' : 'yes',
  ]);
  return markdownTable([['what', ...names, 'Thrift answers a decorated method'], ...rows]);
}

/** The figures of the README, or undefined if they were not measured. */
export function figuresOf({ contenders, calls, scrapes }) {
  if ([contenders, calls, scrapes].includes(undefined)) return undefined;
  const [ours, byHand] = CONTENDERS;
  const newestSdk = CONTENDERS.findLast(({ sdk }) => sdk !== undefined);
  const added = ({ name }) => {
    const { measured, bare } = calls.result[name];
    // From the rounded figure of the table, so that both agree.
    return String(Math.round(Number.parseFloat(ns(measured - bare))));
  };
  const lines = ({ name }) => String(contenders.result[name].lines);
  const scrape = ({ name }) => scrapes.result[name];
  return {
    lines: lines(ours),
    handLines: lines(byHand),
    added: added(ours),
    handAdded: added(byHand),
    openTelemetryAdded: added(newestSdk),
    cpu: ms(scrape(ours).cpu),
    block: ms(scrape(ours).block),
    handCpu: ms(scrape(byHand).cpu),
    handBlock: ms(scrape(byHand).block),
  };
}

const ns = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ns`;
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
