// `npm run bench`: what a decorated method costs, each row beside its reference in the same process and run.
// Each group has a process of its own, so that what V8 learns in one does not change another.
import { execFileSync } from 'node:child_process';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';

function run(group) {
  const file = fileURLToPath(new URL(`./groups/${group}.mjs`, import.meta.url));
  // A young generation in which a batch of calls fits, for the group that counts bytes.
  const flags = ['--expose-gc', '--max-semi-space-size=64', '--min-semi-space-size=64'];
  const output = execFileSync(process.execPath, [...flags, file], { encoding: 'utf8' });
  return JSON.parse(output.trim().split('\n').at(-1));
}

const ns = (value) => `${value.toFixed(value < 100 ? 1 : 0)} ns`;
const rows = [];

function row(what, measured, reference, compared, target, met) {
  rows.push([what, measured, reference, compared, target, met ? 'met' : '**missed**']);
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

const sync = run('sync');
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

const asynchronous = run('async');
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
  '',
  true,
);

const disabled = run('disabled');
difference('`enabled: false`', disabled.disabled, 'bare call', disabled.bare, 5);

const labels = run('labels');
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
  // Half a byte a call is the noise of the measurement itself.
  allocation.instrumented - allocation.clock <= 0.5,
);

console.log(`Node ${process.version}, ${cpus()[0].model}, ${cpus().length} cores\n`);
const head = ['what', 'measured', 'reference', 'compared', 'target', ''];
const lines = [head, head.map(() => '---'), ...rows];
for (const cells of lines) console.log(`| ${cells.join(' | ')} |`);
