// Groups that measure single calls of decorated methods.
import { difference, more, ns, ratio, ratioAtLeast, row } from './cells.mjs';

const CLOCK = 'two bare clock readings';
const OBSERVED = 'bare call, clock readings and one `.then(ok, err)`';

export const CALL_GROUPS = [
  {
    name: 'sync',
    table: 'costs',
    seconds: 24,
    run: (measure) => measure.medians('sync'),
    rows: (sync) => [
      ratio('four metrics, sync method', sync.instrumented, CLOCK, sync.clock, 1.25),
      ratio(
        'stack of four decorators, sync',
        sync.stack,
        '`@Instrumented`',
        sync.instrumented,
        1.1,
      ),
      ratioAtLeast(
        'by hand with prom-client, sync',
        sync.byHand,
        '`@Instrumented`',
        sync.instrumented,
        20,
      ),
      row(
        'four metrics, callback method',
        ns(sync.callback),
        `${CLOCK}: ${ns(sync.clock)}`,
        `${(sync.callback / sync.clock).toFixed(2)} x`,
      ),
    ],
  },
  {
    name: 'async',
    table: 'costs',
    seconds: 32,
    run: (measure) => measure.medians('async'),
    rows: (found) => [
      ratio('four metrics, async method', found.instrumented, OBSERVED, found.observed, 1.25),
      ratio(
        'stack of four decorators, async',
        found.stack,
        '`@Instrumented`',
        found.instrumented,
        1.1,
      ),
      row(
        'by hand with prom-client, async',
        ns(found.byHand),
        `bare call: ${ns(found.bare)}`,
        `${more(found.byHand - found.bare)} against ${more(found.instrumented - found.bare)}`,
      ),
      difference(
        'one variable label on all four metrics, async',
        found.labelled,
        'constant labels',
        found.instrumented,
        60,
      ),
      row(
        'a method that returns a promise and is not async',
        ns(found.returning),
        `${OBSERVED}: ${ns(found.observedReturning)}`,
        `${(found.returning / found.observedReturning).toFixed(2)} x`,
      ),
    ],
  },
  {
    name: 'event-loop',
    table: 'costs',
    seconds: 28,
    run: (measure) => measure.medians('event-loop'),
    rows: (loop) => [
      ...[
        ['async', loop.recordedAsync, loop.excludedAsync],
        ['callback', loop.recordedCallback, loop.excludedCallback],
      ].map(([style, recorded, excluded]) =>
        row(
          `time of the event loop, ${style} method`,
          ns(recorded),
          `excluded by a rule: ${ns(excluded)}`,
          `${more(recorded - excluded)}; a clock reading in the same loop: ${ns(loop.clock)}`,
        ),
      ),
      difference(
        'time of the event loop, sync method',
        loop.recordedSync,
        'excluded by a rule',
        loop.excludedSync,
        5,
      ),
    ],
  },
  {
    name: 'disabled',
    table: 'costs',
    seconds: 8,
    run: (measure) => measure.medians('disabled'),
    rows: ({ disabled, bare }) => [difference('`enabled: false`', disabled, 'bare call', bare, 5)],
  },
  {
    name: 'many-methods',
    table: 'costs',
    seconds: 40,
    run: (measure) => measure.medians('many-methods'),
    rows: (many) => [
      ratio('four metrics, 30 of 60 methods: sync', many.sync, CLOCK, many.clock, 1.2),
      ratio(
        'the same',
        many.sync,
        'a wrapper that only calls the method between two clock readings',
        many.timedSync,
        1.1,
      ),
      difference(
        'four metrics, the other 30: async',
        many.async - many.bareAsync,
        `${CLOCK} (bare call subtracted)`,
        many.clock,
        60,
      ),
      difference(
        'the same',
        many.async,
        'a wrapper that only reads the clock before the call and in `.then(ok, err)`',
        many.timedAsync,
      ),
      difference(
        '`enabled: false`, 30 sync methods',
        many.disabled,
        'bare call',
        many.disabledBare,
        4,
      ),
      difference(
        'the same',
        many.disabled,
        'a wrapper that only calls the method',
        many.disabledPassed,
      ),
    ],
  },
  {
    name: 'labels',
    table: 'costs',
    seconds: 12,
    run: (measure) => measure.medians('labels'),
    rows: ({ counted, variable, constant }) => [
      difference('one variable label on the counter', counted, 'constant labels', constant, 60),
      difference(
        'one variable label on all four metrics',
        variable,
        'constant labels',
        constant,
        60,
      ),
    ],
  },
  {
    name: 'calls',
    table: 'costs',
    seconds: 60,
    run: (measure) => measure.medians('calls'),
    rows: (calls) => [
      difference(
        'calls that are not kept, sync',
        calls.onSync,
        '`calls: false`',
        calls.offSync,
        10,
      ),
      difference('the same, async', calls.onAsync, '`calls: false`', calls.offAsync, 10),
      difference(
        'failed calls, few of which are kept',
        calls.onFailed,
        '`calls: false`',
        calls.offFailed,
        10,
      ),
      difference(
        'slow calls, all of which are kept: CPU time',
        calls.onSlow,
        '`calls: false`',
        calls.offSlow,
      ),
      difference(
        "`calls: { arguments: 'types' }`, async",
        calls.typesAsync,
        '`calls: false`',
        calls.offAsync,
        1000,
      ),
    ],
  },
  {
    name: 'allocation',
    table: 'costs',
    seconds: 10,
    run: (measure) => measure.once('allocation'),
    rows: ({ instrumented, clock }) => [
      row(
        'heap per sync call, over 10 million calls',
        `${instrumented.toFixed(1)} bytes`,
        `${CLOCK}: ${clock.toFixed(1)} bytes`,
        `${(instrumented - clock).toFixed(1)} bytes more`,
        '≤ 0 bytes more',
        // Half a byte per call is measurement noise.
        instrumented - clock <= 0.5,
      ),
    ],
  },
  {
    name: 'native',
    table: 'costs',
    seconds: 9,
    run: (measure) => measure.medians('native'),
    rows: ({ native, classic }) => [
      difference(
        'one observation with native buckets',
        native,
        'classic buckets only',
        classic,
        20,
      ),
    ],
  },
  {
    name: 'channels',
    table: 'channels',
    seconds: 35,
    run: (measure) => measure.medians('channels'),
    rows: (channels) => [
      row(
        'asking for subscribers of the tracing channel, 30 of 60 methods',
        ns(channels.asked),
        `a wrapper that does not ask: ${ns(channels.passed)}`,
        more(channels.asked - channels.passed),
        'not measurable',
      ),
      difference(
        'one subscriber to `thrift.server.call`, sync',
        channels.syncHeard,
        'no subscriber',
        channels.sync,
        1000,
      ),
      difference(
        'one subscriber to `thrift.server.call`, async',
        channels.asyncHeard,
        'no subscriber',
        channels.async,
        1000,
      ),
      difference(
        'no subscriber to `thrift.client.call`, a oneway call that is written nowhere',
        channels.client,
        'bare client',
        channels.bareClient,
      ),
      difference(
        'one subscriber to `thrift.client.call`',
        channels.clientHeard,
        'no subscriber',
        channels.client,
        1000,
      ),
    ],
  },
];
