import { cpus } from 'node:os';

import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';

export interface Part {
  readonly title: string;
  readonly seconds: number;
  readonly figures: readonly (readonly [what: string, value: string | number])[];
  readonly checks: readonly Check[];
  /** Empty if the part measures no memory. */
  readonly heap: readonly HeapSample[];
}

const HEAP_COLUMNS = 12;

/** Writes the results of all parts as Markdown. */
export function writeReport(parts: readonly Part[]): string {
  const seconds = parts.reduce((sum, part) => sum + part.seconds, 0);
  const failed = parts.flatMap(({ checks }) => checks).filter(({ holds }) => !holds).length;
  const verdict = failed === 0 ? 'All checks passed.' : `**${failed} checks failed.**`;
  const machine = `Node.js ${process.version}, ${cpus()[0]?.model}, ${cpus().length} cores`;
  return [
    `${Math.round(seconds)} seconds of load; ${machine}. ${verdict}`,
    ...parts.map(writePart),
  ].join('\n\n');
}

function writePart({ title, seconds, figures, checks, heap }: Part): string {
  return [
    `### ${title}, ${Math.round(seconds)} seconds`,
    table([['event', 'count'], ...figures.map(([what, value]) => [what, String(value)])]),
    table([
      ['check', 'result', ''],
      ...checks.map(({ what, found, holds }) => [what, found, holds ? 'passed' : '**failed**']),
    ]),
    ...(heap.length > 0 ? [table(heapRows(heap))] : []),
  ].join('\n\n');
}

function heapRows(heap: readonly HeapSample[]): string[][] {
  const step = Math.max(1, Math.ceil(heap.length / HEAP_COLUMNS));
  const shown = heap.filter((_, i) => i % step === 0 || i === heap.length - 1);
  return [
    ['seconds since the start', ...shown.map((sample) => sample.seconds.toFixed(0))],
    [
      'MiB between rounds, after garbage collection',
      ...shown.map(({ bytes }) => (bytes / 2 ** 20).toFixed(2)),
    ],
    ['objects', ...shown.map(({ objects }) => String(objects))],
    ['open handles', ...shown.map(({ handles }) => String(handles))],
    [
      'delay of the event loop in the round, 99th percentile in ms',
      ...shown.map(({ delay }) => delay.toFixed(1)),
    ],
  ];
}

function table([head = [], ...rows]: string[][]): string {
  const lines = [head, head.map(() => '---'), ...rows];
  return lines
    .map((cells) => `| ${cells.map((c) => c.replaceAll(/[|\n]/g, ' ')).join(' | ')} |`)
    .join('\n');
}
