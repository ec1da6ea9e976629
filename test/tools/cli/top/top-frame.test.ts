import { createServer } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import { Instance } from '../../../../src/tools/cli/top/instance';
import { methodSeriesOf } from '../../../../src/tools/cli/top/method-series';
import { parseExposition } from '../../../../src/tools/cli/exposition';
import { COLORED } from '../../../../src/tools/cli/top/paint';
import { ORDERS } from '../../../../src/tools/cli/top/top-columns';
import { renderFrame, renderOnce } from '../../../../src/tools/cli/top/top-frame';
import { PROBLEMS, type TopOrder } from '../../../../src/tools/cli/top/top-order';
import { TopView } from '../../../../src/tools/cli/top/top-view';
import { blocksOf } from '../../../docs/markdown';
import { listen } from '../../../support/listen';

const orderNamed = (name: string) => ORDERS.find((each) => each.name === name) as TopOrder;

/** What one method did in 10 seconds. */
interface Calls {
  readonly service?: string;
  readonly calls?: number;
  readonly declared?: number;
  readonly undeclared?: number;
  readonly inFlight?: number;
  readonly oldest?: number;
  /** Seconds of the event loop. Absent if they are not measured. */
  readonly loop?: number;
}

const SECONDS = 10;
const TIME = new Date(2026, 0, 1, 12, 3, 4);

/** An instance that has read these methods. Every call takes between 1 and 2 ms. */
function instanceOf(methods: Readonly<Record<string, Calls>>, host = 'localhost'): Instance {
  const url = new URL(`http://${host}:1/metrics`);
  const instance = new Instance(url, { headers: {}, insecure: false, timeout: 1 });
  const all = Object.entries(methods).map(([method, each]) => ({
    ...each,
    labels: `thrift_service="${each.service ?? 'Shop'}",thrift_method="${method}"`,
  }));
  const lines = (type: string, name: string, line: (each: (typeof all)[number]) => string) =>
    [`# TYPE ${name} ${type}`, ...all.map(line)].join('\n');
  const latency = 'thrift_server_latency_seconds';
  const text = [
    lines(
      'counter',
      'thrift_server_requests_total',
      ({ labels, calls = 0 }) => `thrift_server_requests_total{${labels}} ${calls}`,
    ),
    lines(
      'histogram',
      latency,
      ({ labels, calls = 0 }) =>
        `${latency}_bucket{${labels},thrift_success="true",le="0.001"} 0
${latency}_bucket{${labels},thrift_success="true",le="0.002"} ${calls}
${latency}_bucket{${labels},thrift_success="true",le="+Inf"} ${calls}
${latency}_count{${labels},thrift_success="true"} ${calls}`,
    ),
    lines(
      'counter',
      'thrift_server_errors_total',
      ({ labels, declared = 0, undeclared = 0 }) =>
        `thrift_server_errors_total{${labels},thrift_exception_type="Refused",thrift_exception_kind="declared"} ${declared}
thrift_server_errors_total{${labels},thrift_exception_type="RangeError",thrift_exception_kind="undeclared"} ${undeclared}`,
    ),
    lines(
      'gauge',
      'thrift_server_active_requests',
      ({ labels, inFlight = 0 }) => `thrift_server_active_requests{${labels}} ${inFlight}`,
    ),
    lines(
      'gauge',
      'thrift_server_oldest_active_request_seconds',
      ({ labels, oldest = 0 }) =>
        `thrift_server_oldest_active_request_seconds{${labels}} ${oldest}`,
    ),
    lines('counter', 'thrift_server_event_loop_seconds_total', ({ labels, loop }) =>
      loop === undefined ? '' : `thrift_server_event_loop_seconds_total{${labels}} ${loop}`,
    ),
  ].join('\n');
  instance.changes = methodSeriesOf(parseExposition(`${text}\n`, 'text')).map((series) => ({
    ...series,
    values: series.sinceStart,
    seconds: SECONDS,
  }));
  return instance;
}

function viewOf(methods: Readonly<Record<string, Calls>>, order: TopOrder = PROBLEMS): TopView {
  return new TopView([instanceOf(methods)], order, TIME);
}

/** Presses keys by their names, or by the characters that they produce. */
function press(view: TopView, ...keys: readonly string[]): TopView {
  for (const key of keys) {
    view.press(key.length === 1 ? { sequence: key, name: key } : { name: key });
  }
  return view;
}

/** The methods in the table, in order. */
const methodsIn = (lines: readonly string[]) =>
  lines.flatMap((line) => /^[> ](\w+) {2}\w/.exec(line)?.[1] ?? []);

const many = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`m${i}`, { calls: (count - i) * SECONDS }]),
  );

test('a frame has the instances, the totals, the table and the keys', () => {
  const view = viewOf({
    add: { calls: 100, declared: 10, inFlight: 2, oldest: 0.5 },
    sub: { calls: 300, undeclared: 6 },
  });
  expect(renderFrame(view, 94, 10)).toEqual([
    'thrift-metrics top  1 of 1 instances up  12:03:04',
    '2 methods  40.0/s  4.00% failed  1.50% bad  p99 1.99ms  2 in flight  oldest 500ms',
    '',
    expect.stringMatching(/^ METHOD +RATE\/S +FAILED +BAD +P50 +P95 +P99 +IN FLIGHT +OLDEST$/),
    expect.stringMatching(
      /^>sub {2}Shop +30\.0 +2\.00% +2\.00% +1\.50ms +1\.95ms +1\.99ms +0 +0s$/,
    ),
    expect.stringMatching(
      /^ add {2}Shop +10\.0 +10\.0% +0\.0% +1\.50ms +1\.95ms +1\.99ms +2 +500ms$/,
    ),
    expect.stringMatching(/^q quit /),
  ]);
});

test('the guide to the terminal view shows a frame as it is rendered', () => {
  const shown = blocksOf('docs/how-to/terminal-view.md').find(
    ({ language }) => language === 'text',
  );
  const lines = shown?.code.trimEnd().split('\n') ?? [];
  const titles = lines.find((line) => line.includes('METHOD')) ?? '';
  const method = 'getTheStructuresOfTheSharedService';
  const instance = declare(instanceOf({ [method]: { loop: 0 } }), {
    [method]: { availability: 0.9 },
  });
  const rendered = renderFrame(new TopView([instance], PROBLEMS, TIME), 100, 10);
  expect(lines[0]).toMatch(/^thrift-metrics top {2}1 of 1 instances up {2}\d\d:\d\d:\d\d$/);
  expect(lines[1]).toMatch(/^\d+ methods .* failed .* bad /);
  expect([titles.trim().split(/ +/), lines.at(-1)]).toEqual([
    rendered
      .find((line) => line.includes('METHOD'))
      ?.trim()
      .split(/ +/),
    rendered.at(-1),
  ]);
});

/** Says of an instance what its methods declare. */
function declare(instance: Instance, objectives: Readonly<Record<string, object>>): Instance {
  instance.declared = Object.entries(objectives).map(([method, objective]) => ({
    service: 'Shop',
    method,
    declaredBy: 'ShopHandler',
    failedRequests: 'thrift_server_failed_requests_total',
    objective: { window: '30d', declaredExceptionsAreErrors: false, ...objective },
    metrics: [],
  }));
  return instance;
}

test('methods with problems come first, in the order of the live page', () => {
  const methods = {
    busy: { calls: 1000 },
    hangs: { calls: 0, inFlight: 1, oldest: 60 },
    refuses: { calls: 100, declared: 50 },
    breaks: { calls: 500, undeclared: 200 },
    misses: { calls: 50, undeclared: 1 },
    idle: {},
  };
  const instance = declare(instanceOf(methods), { misses: { availability: 0.999 } });
  const shown = methodsIn(renderFrame(new TopView([instance], PROBLEMS, TIME), 100, 20));
  expect(shown.slice(0, 3)).toEqual(['misses', 'breaks', 'hangs']);
  // A method that only refuses is not in trouble.
  expect(shown.slice(3, 5).toSorted()).toEqual(['busy', 'refuses']);
  expect(shown.at(-1)).toBe('idle');
});

test('a column shows the error budget left over the last minute, if there are objectives', () => {
  const at = (seconds: number) => [new Date(TIME.getTime() + seconds * 1000), seconds] as const;
  const objectives = {
    add: { availability: 0.9 },
    sub: { availability: 0.9, declaredExceptionsAreErrors: true },
    get: { latency: { target: 0.5, within: 0.001 } },
    put: { latency: { target: 0.5, within: 0.02 } },
  };
  const methods = {
    add: { calls: 100, undeclared: 5, declared: 50 },
    sub: { calls: 100, declared: 50 },
    get: { calls: 100 },
    put: { calls: 100 },
    idle: {},
  };
  const instance = declare(instanceOf(methods), { ...objectives, idle: { availability: 0.9 } });
  const view = new TopView([instance], PROBLEMS, TIME);
  const budgets = () => {
    const rows = renderFrame(view, 120, 20).slice(4, 9);
    return Object.fromEntries(
      rows.map((line) => [line.slice(1).split(' ')[0], line.split(/ +/).at(-1)]),
    );
  };
  view.refresh(...at(1000));
  // All calls take more than 1 ms. 0.001 is a bound of the histogram, and 0.02 is none.
  expect(budgets()).toEqual({ add: '50%', sub: '-400%', get: '-100%', put: '-', idle: '-' });
  instance.changes = instanceOf({ ...methods, add: { calls: 100 } }).changes;
  view.refresh(...at(1030));
  expect(budgets()['add']).toBe('75%');
  view.refresh(...at(1061));
  expect(budgets()['add']).toBe('100%');
  expect(renderFrame(viewOf(methods), 120, 20).join('\n')).not.toContain('BUDGET');
});

test('a line of totals that is too narrow loses its last figures as a whole', () => {
  const view = viewOf({ add: { calls: 100, inFlight: 2, oldest: 0.5 } });
  expect([80, 60, 50].map((columns) => renderFrame(view, columns, 20)[1])).toEqual([
    '1 method  10.0/s  0.0% failed  0.0% bad  p99 1.99ms  2 in flight  oldest 500ms',
    '1 method  10.0/s  0.0% failed  0.0% bad  p99 1.99ms',
    '1 method  10.0/s  0.0% failed  0.0% bad',
  ]);
});

test('methods with an objective of their service share its budget', () => {
  const shared = { availability: 0.9, scope: 'service' };
  const methods = { add: { calls: 100, undeclared: 10 }, sub: { calls: 300 } };
  const instance = declare(instanceOf(methods), { add: shared, sub: shared });
  const lines = renderFrame(new TopView([instance], PROBLEMS, TIME), 120, 20);
  expect(lines.slice(4, 6).map((line) => line.split(/ +/).at(-1))).toEqual(['75%', '75%']);
});

test('rows are sorted by the chosen column, and rows without a value come last', () => {
  const methods = {
    low: { calls: 10, undeclared: 1 },
    none: {},
    high: { calls: 10, undeclared: 9 },
  };
  const view = viewOf(methods, orderNamed('bad'));
  expect(methodsIn(renderFrame(view, 100, 20))).toEqual(['high', 'low', 'none']);
  expect(methodsIn(renderFrame(press(view, 'i'), 100, 20))).toEqual(['low', 'high', 'none']);
  expect(methodsIn(renderFrame(press(view, 'n'), 100, 20))).toEqual(['high', 'low', 'none']);
});

test.each([60, 80, 120, 200, 240])(
  'no line of %d columns is wider, and no two methods look the same',
  (columns) => {
    const methods = Object.fromEntries(
      Array.from({ length: 20 }, (_, i) => [
        `updateCustomerProfileByIdentifierAndTenant${i}`,
        { service: 'CustomerProfileAdministration', calls: 10 },
      ]),
    );
    const lines = renderFrame(viewOf(methods), columns, 40);
    expect(lines.filter((line) => line.length > columns)).toEqual([]);
    const names = lines.slice(4, 24).map((line) => line.slice(0, 25) + line.slice(25).trimStart());
    expect(new Set(names).size).toBe(20);
    expect(lines.some((line) => line.includes('…'))).toBe(columns < 120);
  },
);

test('a wide terminal has a trend of the rates of the last refreshes', () => {
  const instance = instanceOf({ add: { calls: 40 } });
  const view = new TopView([instance], PROBLEMS, TIME);
  instance.changes = instanceOf({ add: { calls: 80 } }).changes;
  view.refresh(TIME);
  const [titles = '', row = ''] = renderFrame(view, 160, 10).slice(3);
  expect(titles).toContain('TREND');
  expect(row).toMatch(/^>add {2}Shop +▅█ +8\.0/);
  expect(renderFrame(view, 80, 10)[3]).not.toContain('TREND');
});

test('a frame fits the height of the terminal, and the other rows are reached by selecting them', () => {
  const view = viewOf(many(30), orderNamed('rate'));
  const shown = (): string[] => methodsIn(renderFrame(view, 100, 10));
  expect(renderFrame(view, 100, 10)).toHaveLength(10);
  expect(shown()).toEqual(['m0', 'm1', 'm2', 'm3', 'm4']);
  press(view, 'down', 'down', 'down', 'down', 'down');
  expect(shown()).toEqual(['m5', 'm6', 'm7', 'm8', 'm9']);
  press(view, 'pagedown', 'pagedown', 'pagedown');
  expect(shown()).toEqual(['m25', 'm26', 'm27', 'm28', 'm29']);
  press(view, 'pageup');
  expect(shown()[0]).toBe('m15');
});

test('a method stays selected when the order of the methods changes', () => {
  const instance = instanceOf({ a: { calls: 30 }, b: { calls: 20 }, c: { calls: 10 } });
  const view = press(new TopView([instance], PROBLEMS, TIME), 'down');
  instance.changes = instanceOf({ a: { calls: 10 }, b: { calls: 20 }, c: { calls: 90 } }).changes;
  view.refresh(TIME);
  expect(renderFrame(view, 100, 20).find((line) => line.startsWith('>'))).toMatch(/^>b /);
});

test('/ shows the methods whose name contains a text, with their totals, and esc all of them', () => {
  const methods = { getUser: { calls: 10 }, putUser: { calls: 20 }, list: { calls: 30 } };
  const view = viewOf(methods, orderNamed('rate'));
  press(view, '/', 'U', 'S', 'q');
  expect(renderFrame(view, 100, 20).slice(2)).toEqual([
    '/USq_',
    '',
    "No method matches 'USq'. Esc shows all methods.",
    'enter keep the filter  esc remove it',
  ]);
  press(view, 'backspace', 'return');
  const lines = renderFrame(view, 100, 20);
  expect(lines.slice(1, 3)).toEqual([expect.stringMatching(/^2 methods {2}3\.0\/s /), '/US']);
  expect(methodsIn(lines)).toEqual(['putUser', 'getUser']);
  expect(methodsIn(renderFrame(press(view, 'escape'), 100, 20))).toHaveLength(3);
});

test('enter shows the errors by type and every instance of the selected method', () => {
  const one = instanceOf({ add: { calls: 100, undeclared: 10, declared: 5 } }, 'one');
  const two = instanceOf({ add: { calls: 300, undeclared: 20 } }, 'two');
  const view = press(new TopView([one, two], PROBLEMS, TIME), 'return');
  const lines = renderFrame(view, 120, 20).slice(3);
  expect(lines.slice(0, -1)).toEqual([
    'Shop.add',
    '',
    expect.stringMatching(/^INSTANCE +RATE\/S +FAILED +BAD/),
    expect.stringMatching(/^all +40\.0 +8\.75% +7\.50%/),
    expect.stringMatching(/^http:\/\/one:1\/metrics +10\.0 +15\.0% +10\.0%/),
    expect.stringMatching(/^http:\/\/two:1\/metrics +30\.0 +6\.67% +6\.67%/),
    '',
    expect.stringMatching(/^ERROR +BAD +PER SECOND +SINCE START +SHARE$/),
    expect.stringMatching(/^RangeError +yes +3\.0 +30 +85\.7%$/),
    expect.stringMatching(/^Refused +no +0\.5 +5 +14\.3%$/),
  ]);
  expect(methodsIn(renderFrame(press(view, 'escape'), 120, 20))).toEqual(['add']);
});

test('keys choose the column and the order, pause the view and show the help', () => {
  const view = viewOf({});
  expect(press(view, 'l').order.name).toBe('p99');
  expect(press(view, 'right').order.name).toBe('inflight');
  expect(press(view, 's', 's').order.name).toBe('name');
  expect(press(view, 'left').order.name).toBe('oldest');
  expect(press(view, 'i').reversed).toBe(true);
  expect(press(view, 'e')).toMatchObject({ order: orderNamed('failed'), reversed: false });
  expect(press(view, 'd').order.name).toBe('problems');
  expect(press(view, 'p').paused).toBe(true);
  expect(renderFrame(view, 100, 30)[0]).toMatch(/paused$/);
  expect(press(view, '?').help).toBe(true);
  expect(renderFrame(view, 100, 30)).toContain('q, Ctrl-C       quit');
});

test('colors mark what is a problem, and change no text', () => {
  const view = viewOf({ add: { calls: 100, undeclared: 10 }, sub: { calls: 1 } });
  const colored = renderFrame(view, 100, 10, COLORED);
  // oxlint-disable-next-line no-control-regex
  const plain = colored.map((line) => line.replaceAll(/\x1b\[\d+m/g, ''));
  expect(plain).toEqual(renderFrame(view, 100, 10));
  expect(colored[4]).toContain('\x1b[31m');
  expect(colored[5]).not.toContain('\x1b[31m');
});

test('an instance that is down is shown with the reason', async () => {
  const instance = instanceOf({});
  await instance.refresh();
  expect(renderFrame(new TopView([instance], PROBLEMS, TIME), 120, 10).slice(0, 2)).toEqual([
    expect.stringContaining('0 of 1 instances up'),
    expect.stringMatching(/^http:\/\/localhost:1\/metrics cannot be read: .*ECONNREFUSED/),
  ]);
});

/** Serves a text as metrics until the test ends, or until it is closed. */
async function serveMetrics(
  text: string,
): Promise<{ instance: Instance; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    const isMetrics = request.url === '/metrics';
    response.writeHead(isMetrics ? 200 : 404, { 'content-type': 'text/plain; version=0.0.4' });
    response.end(isMetrics ? text : '');
  });
  const { port, close } = await listen(server);
  onTestFinished(close);
  const url = new URL(`http://127.0.0.1:${port}/metrics`);
  return { instance: new Instance(url, { headers: {}, insecure: false, timeout: 5 }), close };
}

const callsOf = (method: string) => `# TYPE thrift_server_requests_total counter
thrift_server_requests_total{thrift_service="Shop",thrift_method="${method}"} 5
`;

test('methods of an instance that goes away are lost instead of 0, and those of others go on', async () => {
  const one = await serveMetrics(callsOf('add'));
  const two = await serveMetrics(callsOf('sub'));
  const instances = [one.instance, two.instance];
  const refresh = () => Promise.all(instances.map((instance) => instance.refresh()));
  await refresh();
  await refresh();
  const view = new TopView(instances, PROBLEMS, TIME);
  const rowOf = (method: string) =>
    renderFrame(view, 90, 20).find((line) => line.slice(1).startsWith(`${method} `));
  expect([rowOf('add'), rowOf('sub')]).toEqual(
    ['add', 'sub'].map((name) => expect.stringMatching(`${name}  Shop +0\\.0 +-`)),
  );
  await one.close();
  await refresh();
  view.refresh(TIME);
  expect(rowOf('add')).toMatch(/^.add {2}Shop +lost(?: +-)+$/);
  expect(rowOf('sub')).toMatch(/^.sub {2}Shop +0\.0 +-/);
  expect(renderFrame(view, 160, 20).slice(0, 3)).toEqual([
    expect.stringContaining('1 of 2 instances up'),
    expect.stringMatching(
      /^lost at \d\d:\d\d:\d\d: http:\/\/127\.0\.0\.1:\d+\/metrics cannot be read: /,
    ),
    expect.stringMatching(/^2 methods {2}0\.0\/s/),
  ]);
  // The name of the lost method is still there to open it.
  press(view, '/', 'a', 'd', 'd', 'return', 'return');
  const opened = renderFrame(view, 120, 20).filter((line) => line.startsWith('http://'));
  expect(opened).toEqual([
    expect.stringMatching(/metrics +lost(?: +-)+$/),
    expect.stringMatching(/metrics(?: +-)+$/),
  ]);
  // What its metrics counted is unknown now, which is not the same as nothing.
  expect(renderFrame(view, 120, 20).join('\n')).not.toContain('No metric counts');
  await two.close();
  await refresh();
  view.refresh(TIME);
  expect(renderFrame(view, 100, 20).join('\n')).toContain('No instance answers.');
});

test('a dependency is a row of its own, which is not a method and not part of the totals', async () => {
  const client = 'thrift_service="Accounts",thrift_method="get",thrift_client_name="accounts"';
  const { instance } =
    await serveMetrics(`${callsOf('add')}# TYPE thrift_client_requests_total counter
thrift_client_requests_total{${client}} 5
# TYPE thrift_client_errors_total counter
thrift_client_errors_total{${client},thrift_exception_kind="transport",thrift_exception_type="ECONNREFUSED"} 5
`);
  await instance.refresh();
  instance.changes = instance.changes.map((change) => ({ ...change, seconds: SECONDS }));
  const view = new TopView([instance], PROBLEMS, TIME);
  const lines = renderFrame(view, 100, 20);
  expect(lines[1]).toMatch(/^1 method {2}1 dependency {2}0\.5\/s$/);
  expect(lines.slice(4, 6)).toEqual([
    expect.stringMatching(/^>accounts {2}dependency Accounts +0\.5 +100\.0% +100\.0%/),
    expect.stringMatching(/^ add {2}Shop +0\.5 +-/),
  ]);
  const opened = renderFrame(press(view, 'return'), 100, 20);
  expect(opened[3]).toBe('dependency accounts (Accounts)');
  expect(opened).toContainEqual(expect.stringMatching(/^ECONNREFUSED +yes +0\.5 +5 +100\.0%$/));
});

test('an opened method shows the callers of its service, the busiest first, if they are known', async () => {
  const caller = (name: string, service = 'Shop') =>
    `thrift_service="${service}",thrift_caller="${name}"`;
  const { instance } =
    await serveMetrics(`${callsOf('add')}# TYPE thrift_server_caller_requests_total counter
thrift_server_caller_requests_total{${caller('web')}} 20
thrift_server_caller_requests_total{${caller('app')}} 60
thrift_server_caller_requests_total{${caller('other', 'Stock')}} 90
# TYPE thrift_server_caller_failed_requests_total counter
thrift_server_caller_failed_requests_total{${caller('web')}} 5
thrift_server_caller_failed_requests_total{${caller('app')}} 0
`);
  await instance.refresh();
  instance.callers = instance.callers.map((change) => ({ ...change, seconds: SECONDS }));
  const view = press(new TopView([instance], PROBLEMS, TIME), 'return');
  const lines = renderFrame(view, 100, 20);
  const from = lines.findIndex((line) => line.startsWith('CALLER'));
  expect(lines.slice(from, -1)).toEqual([
    expect.stringMatching(/^CALLER OF Shop +RATE\/S +FAILED$/),
    expect.stringMatching(/^app +6\.0 +0\.0%$/),
    expect.stringMatching(/^web +2\.0 +25\.0%$/),
  ]);
});

test('an opened method shows the method first and its service last: figures, errors, calls in progress, callers', async () => {
  const { instance } =
    await serveMetrics(`${callsOf('add')}# TYPE thrift_server_caller_requests_total counter
thrift_server_caller_requests_total{thrift_service="Shop",thrift_caller="web"} 20
`);
  await instance.refresh();
  const view = press(new TopView([instance], PROBLEMS, TIME), 'return');
  await view.calls.refresh(view.openedRow(), [instance]);
  const lines = renderFrame(view, 60, 20);
  const starts = ['INSTANCE', 'No metric counts', `${instance.url} has no calls`, 'CALLER OF Shop'];
  const at = starts.map((start) => lines.findIndex((line) => line.startsWith(start.slice(0, 60))));
  expect(at).not.toContain(-1);
  expect(at).toEqual(at.toSorted((a, b) => a - b));
  expect(lines.every((line) => line.length <= 60)).toBe(true);
});

test('an opened method shows the ten most frequent types of errors', async () => {
  const errors = Array.from(
    { length: 12 },
    (_, i) =>
      `thrift_server_errors_total{thrift_service="Shop",thrift_method="add",thrift_exception_kind="undeclared",thrift_exception_type="Type${i}"} ${i + 1}`,
  );
  const { instance } = await serveMetrics(
    `# TYPE thrift_server_errors_total counter\n${errors.join('\n')}\n`,
  );
  await instance.refresh();
  const lines = renderFrame(press(new TopView([instance], PROBLEMS, TIME), 'return'), 100, 40);
  expect(lines.filter((line) => line.startsWith('Type'))).toHaveLength(10);
  expect(lines).toContain('and 2 more with fewer errors');
});

test('the event loop has a column, and the totals name the method that blocks it most', async () => {
  const loop = (method: string) =>
    `thrift_server_event_loop_seconds_total{thrift_service="Shop",thrift_method="${method}"}`;
  const { instance } = await serveMetrics(`# TYPE thrift_server_event_loop_seconds_total counter
${loop('add')} 0.5
${loop('report')} 6.5
`);
  await instance.refresh();
  instance.changes = instance.changes.map((change) => ({ ...change, seconds: SECONDS }));
  const view = new TopView([instance], orderNamed('loop'), TIME);
  const lines = renderFrame(view, 120, 20);
  expect(lines[1]).toBe('2 methods  loop 70.0%, mostly Shop.report 65.0%');
  expect(lines.slice(3, 6)).toEqual([
    expect.stringMatching(/ vLOOP$/),
    expect.stringMatching(/^>report {2}Shop .* 65\.0%$/),
    expect.stringMatching(/^ add {2}Shop .* 5\.00%$/),
  ]);
  expect(renderFrame(viewOf({ add: {} }), 120, 20)[3]).not.toContain('LOOP');
  // In a narrow terminal, it has a line of its own, without the service if that is still too narrow.
  expect(renderFrame(view, 45, 20).slice(1, 4)).toEqual([
    '2 methods',
    'loop 70.0%, mostly Shop.report 65.0%',
    '',
  ]);
  expect(renderFrame(view, 35, 20)[2]).toBe('loop 70.0%, mostly report 65.0%');
});

test('an endpoint without methods is described as such', () => {
  const expected = /no metrics of Thrift methods/i;
  expect(renderFrame(viewOf({}), 120, 10).join('\n')).toMatch(expected);
  expect(renderOnce([], PROBLEMS)).toEqual([expect.stringMatching(expected)]);
});

test('control characters in method names are escaped before they reach the terminal', () => {
  const series = instanceOf({ evil: { calls: 1 } });
  series.changes = series.changes.map((change) => ({ ...change, method: '\x1b[2J\n\u202eevil' }));
  const view = new TopView([series], PROBLEMS, TIME);
  const escaped = '\\u{1b}[2J\\n\\u{202e}evil';
  expect(renderFrame(view, 120, 10).join('\n')).toContain(escaped);
  press(view, 'return');
  expect(renderFrame(view, 120, 10)).toContain(`Shop.${escaped}`);
});

test('control characters in the name of a service are escaped above its callers', async () => {
  const service = 'thrift_service="Shop\x1b[2J"';
  const { instance } = await serveMetrics(`# TYPE thrift_server_requests_total counter
thrift_server_requests_total{${service},thrift_method="add"} 5
# TYPE thrift_server_caller_requests_total counter
thrift_server_caller_requests_total{${service},thrift_caller="web"} 20
`);
  await instance.refresh();
  const view = press(new TopView([instance], PROBLEMS, TIME), 'return');
  const text = renderFrame(view, 100, 20).join('\n');
  expect(text).toContain('CALLER OF Shop\\u{1b}[2J');
  expect(text).not.toContain('\x1b');
});

test('a name that is longer than the terminal is wide takes one line when it is opened', () => {
  const view = press(viewOf({ ['m'.repeat(80)]: { calls: 1 } }), 'return');
  expect(renderFrame(view, 60, 10)[3]).toBe(`Shop.${'m'.repeat(55)}`);
});
