// Groups that measure whole programs: servers, clients, a service of 60 methods, imports, other versions of Node.js.
import { require as requireTypeScript } from 'tsx/cjs/api';

import { difference, more, ms, ns, percent, row, us } from './cells.mjs';

const NODE_MAJORS = ['20', '22', '24'];

export const PROCESS_GROUPS = [
  {
    name: 'rpc',
    table: 'costs',
    seconds: 100,
    run: (measure) => measure.once('rpc'),
    rows: ({ server, client }) =>
      [
        ['a server with service, server and handler instrumented', server],
        ['an instrumented client', client],
      ].map(([what, { rate, instrumented, byHand, untraced }]) =>
        row(
          `requests per second of ${what}`,
          percent(instrumented),
          `bare: ${Math.round(rate)} a second; by hand with prom-client: ${percent(byHand)}`,
          untraced === undefined ? '' : `bare without stack traces: ${percent(untraced)}`,
          '≥ 98 %',
          instrumented >= 0.98,
        ),
      ),
  },
  {
    name: 'client-creation',
    table: 'costs',
    seconds: 8,
    run: (measure) => measure.medians('client-creation'),
    rows: ({ instrumented, bare }) => [
      difference(
        'creation of an instrumented client with 21 methods',
        instrumented,
        'bare',
        bare,
        2000,
      ),
    ],
  },
  {
    name: 'import',
    table: 'costs',
    seconds: 50,
    run: (measure) => measure.medians('import'),
    rows: ({ ours, prom }) => [
      row(
        '`import` of the main entry, in a new process',
        ms(ours),
        `prom-client: ${ms(prom)}`,
        more(ours - prom, ms),
        '≤ +15 ms',
        ours - prom <= 15,
      ),
    ],
  },
  {
    name: 'service',
    table: 'service',
    head: [
      'what',
      'requests per second',
      'of the bare ones',
      'CPU per request, server',
      'CPU per request, client',
      'p50 at 1,000 a second',
      'p99 at 1,000 a second',
    ],
    seconds: 145,
    run: (measure) => measure.once('service'),
    rows: ({ bare, server, client }) =>
      [
        ['nothing instrumented', bare],
        ['service, server and handler instrumented', server],
        ['client instrumented', client],
      ].map(([what, { rate, share, serverCpu, clientCpu, p50, p99 }]) => [
        what,
        Math.round(rate).toLocaleString('en'),
        percent(share),
        us(serverCpu),
        us(clientCpu),
        `${p50.toFixed(2)} ms`,
        `${p99.toFixed(2)} ms`,
      ]),
  },
  {
    name: 'async-local-storage',
    table: 'async-local-storage',
    seconds: 90,
    run: measureNodes,
    head: ['', ...NODE_MAJORS.map((major) => `Node.js ${major}`)],
    rows: (nodes) =>
      [
        ['an `await` before anything uses it', 'before'],
        ['an `await` in a context', 'within'],
        ['an `await` outside, after the first use', 'outside'],
        ['`AsyncLocalStorage.run`', 'run'],
      ].map(([what, key]) => [what, ...nodes.map((found) => ns(found[key]))]),
  },
];

/** Runs the group with the versions of Node.js that the matrix of tests installs. */
async function measureNodes(measure) {
  const { nodes, installNode } = requireTypeScript(
    '../../test/matrix/install-nodes.ts',
    import.meta.url,
  );
  const wanted = NODE_MAJORS.map((major) =>
    nodes.find(({ version }) => version.startsWith(`${major}.`)),
  );
  for (const node of wanted) await installNode(node);
  return wanted.map(({ program }) => measure.mediansWith(program, 'async-local-storage'));
}
