import { describe, expect, onTestFinished, test } from 'vitest';

import { readPage } from '../docs/markdown';
import { startProgram } from '../support/start-program';

const PAGE = 'docs/reference/what-changes.md';

interface Changes {
  /** Paths of changed properties, such as `process._events.exit`. */
  readonly changes: readonly string[];
  readonly channels: readonly string[];
  readonly timers: readonly string[];
}

/** The changes of each object, by the name that the page has for it. */
type ByObject = Record<string, string[]>;

const documented = readDocumented();

/** How the page calls what a path shows. The first pattern that matches applies. */
const NAMES: readonly (readonly [path: RegExp, object: string, change: string])[] = [
  [/^globalThis\.Reflect\./, '`Reflect`', 'functions of reflect-metadata'],
  [/^globalThis\.Symbol\.(\w+)$/, '`Symbol`', '`$1`'],
  [/^globalThis\.(Symbol\(.*\))$/, '`globalThis`', '`$1`'],
  [/^process\._events\.(\w+)/, '`process`', 'listener of `$1`'],
  [/^process\.env\.(\w+)$/, '`process.env`', '`$1`'],
  [/^process\.(\w+)$/, '`process`', '`$1`'],
  [/^module\.(\w+)$/, '`Module`', '`$1`'],
  [/^worker_threads\.(Symbol\(.*\))$/, '`node:worker_threads`', '`$1`'],
  [/^channel (.+)\.(Symbol\(thrift-metrics.*\))$/, 'diagnostics channel `$1`', '`$2`'],
  // Its class changes with the first subscription.
  [/^channel (tracing:[\w.]+:\w+|\w+)\./, 'diagnostics channel `$1`', 'subscription'],
  [/^(thrift(?:\.\w+\.prototype)?)\.(\w+)$/, '`$1`', '`$2`'],
  [/^the registry\._metrics\./, 'the registry', 'metrics'],
  [/^the registry\.__proto__\.metrics$/, 'the registry', '`metrics` of its class'],
  [
    /^the client(?:\.__proto__)+\.(?:send|recv)_\w+$/,
    'the class of the client',
    '`send_…` and `recv_…`',
  ],
  [/^the class\.prototype\.\w+$/, 'the class', 'the methods'],
  [
    /^the connection\.connection\._events\.(\w+)$/,
    'the connection',
    'listener of `$1` on its socket',
  ],
  [/^(the \w+)\.(\w+|Symbol\(.*\))$/, '$1', '`$2`'],
];

describe.each(Object.keys(documented))('%s', (step) => {
  test(`changes what ${PAGE} lists`, async () => {
    expect(await changesOf(step)).toEqual(documented[step]);
  });
});

async function changesOf(step: string): Promise<ByObject> {
  const program = startProgram(process.execPath, ['test/auto/programs/changes.cjs', step]);
  onTestFinished(() => program.stop());
  const [line] = await program.writes(/^\{"changes".*\}$/m);
  const { changes, channels, timers } = JSON.parse(line) as Changes;
  const found: ByObject = {};
  const add = (object: string, change: string): void => {
    found[object] = [...new Set([...(found[object] ?? []), change])].toSorted();
  };
  for (const path of changes) {
    const [pattern, object, change] = NAMES.find(([each]) => each.test(path)) ?? [/^.*$/, path, ''];
    const [whole = ''] = pattern.exec(path) ?? [];
    add(whole.replace(pattern, object), whole.replace(pattern, change));
  }
  for (const channel of channels) add(`diagnostics channel \`${channel}\``, 'subscription');
  for (const timer of timers) add('timers', `${Number(/\d+/.exec(timer)?.[0]) / 1000} s`);
  // The page lists what these do besides what every import does.
  return /^import in|auto/.test(step) ? without(found, documented['import'] ?? {}) : found;
}

function without(found: ByObject, others: ByObject): ByObject {
  const entries = Object.entries(found).map(([object, changes]): [string, string[]] => [
    object,
    changes.filter((change) => others[object]?.includes(change) !== true),
  ]);
  return Object.fromEntries(entries.filter(([, changes]) => changes.length > 0));
}

function readDocumented(): Record<string, ByObject> {
  const steps: Record<string, ByObject> = {};
  const rows = readPage(PAGE)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(2);
  for (const row of rows) {
    const [, step = '', object = '', changes = ''] = row.split('|').map((cell) => cell.trim());
    (steps[step] ??= {})[object] = changes.split(', ').toSorted();
  }
  return steps;
}
