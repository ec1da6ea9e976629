// `npm run bench`: measures the cost of a decorated method. Each row has a reference from the same process and run.
// Each group has its own process, so that what V8 learns in one group does not affect another.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { ensureBuild } from '../scripts/ensure-build.mjs';
import { ensurePackages } from '../scripts/ensure-packages.mjs';
import { installSdk, SDK_VERSIONS } from '../scripts/opentelemetry-sdks.mjs';
import { describeMachine } from './describe-machine.mjs';

await ensurePackages();
await ensureBuild();
const { medians } = await import('./measure.mjs');

const PROCESSES = 3;

/** Takes the median of several processes, since V8 compiles a wrapper differently in each, by up to 10 ns per call. */
function runSome(group, ...args) {
  return medians(Array.from({ length: PROCESSES }, () => run(group, ...args)));
}

function run(group, ...args) {
  const file = fileURLToPath(new URL(`./groups/${group}.mjs`, import.meta.url));
  // A young generation that fits a batch of calls, for the group that counts bytes.
  const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
  const output = execFileSync(process.execPath, [...flags, file, ...args], { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1));
}

const ns = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ns`;
const rows = [];

/** Adds a row. A row that is only there for comparison has no target. */
function row(what, measured, reference, compared, target, met) {
  const verdict = met === undefined ? '' : met ? 'met' : '**missed**';
  rows.push([what, measured, reference, compared, target ?? '', verdict]);
}

function ratio(what, value, referenceName, reference, limit, atLeast = false) {
  const quotient = value / reference;
  const met = atLeast ? quotient >= limit : quotient <= limit;
  row(
    what,
    ns(value),
    `${referenceName}: ${ns(reference)}`,
    `${quotient.toFixed(2)} x`,
    `${atLeast ? '≥' : '≤'} ${limit} x`,
    met,
  );
}

function difference(what, value, referenceName, reference, limit) {
  const more = value - reference;
  row(
    what,
    ns(value),
    `${referenceName}: ${ns(reference)}`,
    `+${ns(more)}`,
    `≤ +${limit} ns`,
    more <= limit,
  );
}

const sync = runSome('sync');
ratio('four metrics, sync method', sync.instrumented, 'two bare clock readings', sync.clock, 1.25);
ratio('stack of four decorators, sync', sync.stack, '`@Instrumented`', sync.instrumented, 1.1);
ratio(
  'by hand with prom-client, sync',
  sync.byHand,
  '`@Instrumented`',
  sync.instrumented,
  20,
  true,
);

row(
  'four metrics, callback method',
  ns(sync.callback),
  `two bare clock readings: ${ns(sync.clock)}`,
  `${(sync.callback / sync.clock).toFixed(2)} x`,
);

const asynchronous = runSome('async');
ratio(
  'four metrics, async method',
  asynchronous.instrumented,
  'bare call, clock readings and one `.then(ok, err)`',
  asynchronous.observed,
  1.25,
);
ratio(
  'stack of four decorators, async',
  asynchronous.stack,
  '`@Instrumented`',
  asynchronous.instrumented,
  1.1,
);
row(
  'by hand with prom-client, async',
  ns(asynchronous.byHand),
  `bare call: ${ns(asynchronous.bare)}`,
  `+${ns(asynchronous.byHand - asynchronous.bare)} against +${ns(asynchronous.instrumented - asynchronous.bare)}`,
);

difference(
  'one variable label on all four metrics, async',
  asynchronous.labelled,
  'constant labels',
  asynchronous.instrumented,
  60,
);
row(
  'a method that returns a promise and is not async',
  ns(asynchronous.returning),
  `bare call, clock readings and one \`.then(ok, err)\`: ${ns(asynchronous.observedReturning)}`,
  `${(asynchronous.returning / asynchronous.observedReturning).toFixed(2)} x`,
);

const loop = runSome('event-loop');
for (const [style, name] of [
  ['Async', 'async'],
  ['Callback', 'callback'],
]) {
  row(
    `time of the event loop, ${name} method`,
    ns(loop[`recorded${style}`]),
    `excluded by a rule: ${ns(loop[`excluded${style}`])}`,
    `+${ns(loop[`recorded${style}`] - loop[`excluded${style}`])}; a clock reading: ${ns(loop.clock)}`,
  );
}
difference(
  'time of the event loop, sync method',
  loop.recordedSync,
  'excluded by a rule',
  loop.excludedSync,
  5,
);

const disabled = runSome('disabled');
difference('`enabled: false`', disabled.disabled, 'bare call', disabled.bare, 5);

const many = runSome('many-methods');
ratio(
  'four metrics, 30 of 60 methods: sync',
  many.sync,
  'two bare clock readings',
  many.clock,
  1.2,
);
ratio(
  'the same',
  many.sync,
  'a wrapper that only calls the method between two clock readings',
  many.timedSync,
  1.1,
);
difference(
  'four metrics, the other 30: async',
  many.async - many.bareAsync,
  'two bare clock readings (bare call subtracted)',
  many.clock,
  60,
);
row(
  'the same',
  ns(many.async),
  `a wrapper that only reads the clock before the call and in \`.then(ok, err)\`: ${ns(many.timedAsync)}`,
  `+${ns(many.async - many.timedAsync)}`,
);
difference('`enabled: false`, 30 sync methods', many.disabled, 'bare call', many.disabledBare, 4);
row(
  'the same',
  ns(many.disabled),
  `a wrapper that only calls the method: ${ns(many.disabledPassed)}`,
  `+${ns(many.disabled - many.disabledPassed)}`,
);

const channels = runSome('channels');
row(
  'asking for subscribers of the tracing channel, 30 of 60 methods',
  ns(channels.asked),
  `a wrapper that does not ask: ${ns(channels.passed)}`,
  `+${ns(channels.asked - channels.passed)}`,
  'not measurable',
);
difference(
  'one subscriber to `thrift.server.call`, sync',
  channels.syncHeard,
  'no subscriber',
  channels.sync,
  1000,
);
difference(
  'one subscriber to `thrift.server.call`, async',
  channels.asyncHeard,
  'no subscriber',
  channels.async,
  1000,
);
row(
  'no subscriber to `thrift.client.call`, a oneway call that is written nowhere',
  ns(channels.client),
  `bare client: ${ns(channels.bareClient)}`,
  `+${ns(channels.client - channels.bareClient)}`,
);
difference(
  'one subscriber to `thrift.client.call`',
  channels.clientHeard,
  'no subscriber',
  channels.client,
  1000,
);

const calls = runSome('calls');
difference('calls that are not kept, sync', calls.onSync, '`calls: false`', calls.offSync, 10);
difference('the same, async', calls.onAsync, '`calls: false`', calls.offAsync, 10);
difference(
  'failed calls, few of which are kept',
  calls.onFailed,
  '`calls: false`',
  calls.offFailed,
  10,
);
difference(
  "`calls: { arguments: 'types' }`, async",
  calls.typesAsync,
  '`calls: false`',
  calls.offAsync,
  1000,
);

const labels = runSome('labels');
difference(
  'one variable label on the counter',
  labels.counted,
  'constant labels',
  labels.constant,
  60,
);
difference(
  'one variable label on all four metrics',
  labels.variable,
  'constant labels',
  labels.constant,
  60,
);

const allocation = run('allocation');
row(
  'heap per sync call, over 10 million calls',
  `${allocation.instrumented.toFixed(1)} bytes`,
  `two bare clock readings: ${allocation.clock.toFixed(1)} bytes`,
  `${(allocation.instrumented - allocation.clock).toFixed(1)} bytes more`,
  '≤ 0 bytes more',
  // Half a byte per call is measurement noise.
  allocation.instrumented - allocation.clock <= 0.5,
);

const native = runSome('native');
difference(
  'one observation with native buckets',
  native.native,
  'classic buckets only',
  native.classic,
  20,
);

for (const major of SDK_VERSIONS) {
  await installSdk(major);
  const sdk = runSome('opentelemetry', major);
  const instruments = `the same instruments of OpenTelemetry's SDK ${major}, by hand`;
  ratio(instruments, sdk.byHand, '`@Instrumented`', sdk.instrumented, 25, true);
  row(
    `the duration histogram of SDK ${major} alone`,
    ns(sdk.duration),
    `\`@Instrumented\`, four metrics: ${ns(sdk.instrumented)}`,
    `${(sdk.duration / sdk.instrumented).toFixed(1)} x`,
  );
  row(
    `${instruments}, async`,
    ns(sdk.asyncByHand),
    `\`@Instrumented\`: ${ns(sdk.instrumentedAsync)}; bare call: ${ns(sdk.bareAsync)}`,
    `+${ns(sdk.asyncByHand - sdk.bareAsync)} against +${ns(sdk.instrumentedAsync - sdk.bareAsync)}`,
  );
}

const scrape = run('scrape');
const ms = (value) => `${value.toFixed(1)} ms`;
row(
  'CPU of a scrape, 10,000 histogram series',
  ms(scrape.ours.cpu),
  `prom-client: ${ms(scrape.prom.cpu)}`,
  `${(scrape.prom.cpu / scrape.ours.cpu).toFixed(1)} times less`,
  '≥ 10 times less',
  scrape.prom.cpu >= 10 * scrape.ours.cpu,
);
row(
  'longest event-loop block during that scrape',
  ms(scrape.ours.block),
  `prom-client: ${ms(scrape.prom.block)}`,
  '',
  '≤ 10 ms',
  scrape.ours.block <= 10,
);
row(
  'heap per histogram series of 14 buckets',
  `${scrape.bytes.toFixed(0)} bytes`,
  `prom-client: ${scrape.promBytes.toFixed(0)} bytes`,
  '',
  '≤ prom-client',
  scrape.bytes <= scrape.promBytes,
);
const [tenth, one, tenfold] = scrape.linear;
row(
  'CPU of a scrape of 1,000, 10,000 and 100,000 series',
  [tenth, one, tenfold].map(ms).join(', '),
  '10 times for 10 times the series',
  `${(one / tenth).toFixed(1)} and ${(tenfold / one).toFixed(1)} times`,
  'linear',
  // Processor caches account for up to half again as much.
  tenfold / one <= 15,
);

const latency = run('scrape-latency');
row(
  'p99 of RPC latency, scraped each second with 10,000 series',
  ms(latency.ours),
  `no scrape: ${ms(latency.none)}; prom-client: ${ms(latency.prom)}`,
  `${(latency.ours / latency.none).toFixed(2)} x`,
  '≤ 1.1 x',
  latency.ours <= 1.1 * latency.none,
);

const rpc = run('rpc');
const share = (value) => `${(value * 100).toFixed(1)} %`;
for (const [what, { rate, instrumented, byHand, untraced }] of [
  ['a server with service, server and handler instrumented', rpc.server],
  ['an instrumented client', rpc.client],
]) {
  row(
    `requests per second of ${what}`,
    share(instrumented),
    `bare: ${Math.round(rate)} a second; by hand with prom-client: ${share(byHand)}`,
    untraced === undefined ? '' : `bare without stack traces: ${share(untraced)}`,
    '≥ 98 %',
    instrumented >= 0.98,
  );
}

const creation = runSome('client-creation');
difference(
  'creation of an instrumented client with 21 methods',
  creation.instrumented,
  'bare',
  creation.bare,
  2000,
);

const imported = run('import');
row(
  '`import` of the main entry, in a new process',
  ms(imported.ours),
  `prom-client: ${ms(imported.prom)}`,
  `${imported.ours < imported.prom ? '' : '+'}${ms(imported.ours - imported.prom)}`,
  '≤ +15 ms',
  imported.ours - imported.prom <= 15,
);

console.log(`${describeMachine()}\n`);
const head = ['what', 'measured', 'reference', 'compared', 'target', 'result'];
const lines = [head, head.map(() => '---'), ...rows];
for (const cells of lines) console.log(`| ${cells.join(' | ')} |`);
