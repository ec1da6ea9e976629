import { expect, test } from 'vitest';

import { Instance } from '../../../../src/tools/cli/top/instance';
import type { MethodRow } from '../../../../src/tools/cli/top/method-rows';
import { TOP_COLUMNS, type TopColumn } from '../../../../src/tools/cli/top/top-columns';
import { renderFrame } from '../../../../src/tools/cli/top/top-frame';
import { applyKey, type TopChoice } from '../../../../src/tools/cli/top/top-keys';
import { blocksOf } from '../../../docs/markdown';

const columnNamed = (name: string) => TOP_COLUMNS.find((each) => each.name === name) as TopColumn;

const choose = (changes: Partial<TopChoice> = {}): TopChoice => ({
  column: columnNamed('rate'),
  reversed: false,
  offset: 0,
  paused: false,
  help: false,
  ...changes,
});

const row = (method: string, rate: number | null, p99: number | null = null): MethodRow => ({
  service: 'Calculator',
  method,
  rate,
  failedRatio: 0.5,
  badRatio: 0.0123,
  p50: 0.00025,
  p95: 0.0125,
  p99,
  inFlight: 2,
});

const instances = () => [
  new Instance(new URL('http://localhost:1/metrics'), { headers: {}, insecure: false, timeout: 1 }),
];

const render = (rows: MethodRow[], choice: TopChoice, columns = 100, height = 10) =>
  renderFrame(
    { rows, instances: instances(), choice, time: new Date(2026, 0, 1, 12, 3, 4) },
    columns,
    height,
  );

const methodsIn = (lines: readonly string[]) =>
  lines.map((line) => /Calculator\.(\w+)/.exec(line)?.[1]).filter(Boolean);

test('a frame has a header, the table and the keys', () => {
  expect(render([row('add', 12.34, 1.5)], choose())).toEqual([
    'thrift-metrics top  1 of 1 instances up  12:03:04',
    '',
    expect.stringMatching(/^METHOD +vRATE\/S +FAILED +BAD +P50 +P95 +P99 +IN FLIGHT$/),
    expect.stringMatching(/^Calculator\.add +12\.3 +50\.0% +1\.23% +250us +12\.5ms +1\.50s +2$/),
    expect.stringMatching(/^q quit /),
  ]);
});

test('the guide to the terminal view shows a frame as it is rendered', () => {
  const shown = blocksOf('docs/how-to/terminal-view.md').find(
    ({ language }) => language === 'text',
  );
  const [head = '', gap, titles = '', ...rows] = shown?.code.trimEnd().split('\n') ?? [];
  const keys = rows.pop();
  const [, , ...rendered] = render([row('add', 1)], choose(), titles.length);
  expect(head).toMatch(/^thrift-metrics top  1 of 1 instances up  \d\d:\d\d:\d\d$/);
  expect([gap, rows.pop()]).toEqual(['', '']);
  expect([titles, keys]).toEqual([rendered.at(0), rendered.at(-1)]);
  expect(rows.map((line) => line.length)).toEqual(rows.map(() => rendered[1]?.length));
});

test('rows are sorted by the chosen column, and rows without a value come last', () => {
  const rows = [row('low', 1), row('none', null), row('high', 9)];
  expect(methodsIn(render(rows, choose()))).toEqual(['high', 'low', 'none']);
  expect(methodsIn(render(rows, choose({ reversed: true })))).toEqual(['low', 'high', 'none']);
  const byName = choose({ column: columnNamed('name') });
  expect(methodsIn(render(rows, byName))).toEqual(['high', 'low', 'none']);
});

test.each([40, 60, 80, 200])('no line of a frame is wider than %d columns', (columns) => {
  const lines = render([row('a'.repeat(300), 1)], choose(), columns);
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
  expect(lines.some((line) => line.includes('…'))).toBe(true);
});

test('a frame fits the height of the terminal, and the other rows are reached by scrolling', () => {
  const rows = Array.from({ length: 30 }, (_, i) => row(`m${i}`, 100 - i));
  const choice = choose();
  expect(render(rows, choice, 100, 9)).toHaveLength(9);
  expect(methodsIn(render(rows, choice, 100, 9))).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
  applyKey(choice, { name: 'down' });
  expect(methodsIn(render(rows, choice, 100, 9))[0]).toBe('m1');
  for (let i = 0; i < 9; i++) applyKey(choice, { name: 'pagedown' });
  expect(methodsIn(render(rows, choice, 100, 9))).toEqual(['m25', 'm26', 'm27', 'm28', 'm29']);
  applyKey(choice, { name: 'up' });
  expect(methodsIn(render(rows, choice, 100, 9))[0]).toBe('m24');
});

test('keys choose the column and the order, pause the view and show the help', () => {
  const choice = choose();
  const press = (...keys: string[]) => {
    for (const key of keys)
      applyKey(choice, key.length === 1 ? { sequence: key, name: key } : { name: key });
    return choice;
  };
  expect(press('l').column.name).toBe('p99');
  expect(press('right').column.name).toBe('inflight');
  expect(press('s').column.name).toBe('name');
  expect(press('left').column.name).toBe('inflight');
  expect(press('i').reversed).toBe(true);
  expect(press('e')).toMatchObject({ column: columnNamed('failed'), reversed: false });
  expect(press('p').paused).toBe(true);
  expect(render([], choice)[0]).toMatch(/paused$/);
  expect(press('?').help).toBe(true);
  expect(render([], choice, 100, 30)).toContain('q, Ctrl-C       quit');
});

test('an instance that is down is shown with the reason', async () => {
  const [instance] = instances() as [Instance];
  await instance.refresh();
  const frame = { rows: [], instances: [instance], choice: choose(), time: new Date() };
  expect(renderFrame(frame, 120, 10).slice(0, 2)).toEqual([
    expect.stringContaining('0 of 1 instances up'),
    expect.stringMatching(/^http:\/\/localhost:1\/metrics cannot be read: .*ECONNREFUSED/),
  ]);
});

test('control characters in method names are escaped before they reach the terminal', () => {
  const text = render([row('\x1b[2J\n\u202eevil', 1)], choose(), 120).join('\n');
  expect(text).toContain('\\u{1b}[2J\\n\\u{202e}evil');
});
