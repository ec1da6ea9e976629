import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

import { expect, onTestFinished, test } from 'vitest';

import { outputsFor, type Output } from '../thrift/outputs';
import { installed } from './install-libraries';
import type { ThriftPeer } from './versions';

const repository = join(__dirname, '../..');
const DIST = join(repository, 'dist');

/** Kinds of connections, transports and protocols, and the calls of each. */
const WIRES = ['tcp', 'http', 'websocket', 'multiplexed'].flatMap((kind) =>
  ['TFramedTransport', 'TBufferedTransport'].flatMap((transport) =>
    ['TBinaryProtocol', 'TCompactProtocol', 'TJSONProtocol'].map(
      (protocol) => `${kind} ${transport} ${protocol}`,
    ),
  ),
);
const METHODS = ['twice', 'twice', 'divide', 'ping', 'note', 'twice'];
const CALLS = WIRES.length * METHODS.length;

/** What the handler of the program answers, as its IDL and its code demand. */
const OUTCOMES = Object.fromEntries(
  WIRES.map((wire) => [wire, [42, { why: 'negative' }, { why: 'by zero' }, null, null, 4]]),
);

interface Span {
  readonly wire: string;
  readonly method: string;
  readonly isServer: boolean;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
}

interface Peer {
  readonly ports: Readonly<Record<string, number>>;
  /** Makes every call over every wire, and returns what they answer. */
  callAll(other: Peer): Promise<unknown>;
  /** The spans that have ended since the last time, once there are so many. */
  spans(count: number): Promise<Span[]>;
}

interface PeerOptions {
  readonly thrift: ThriftPeer;
  readonly output: Output;
  readonly isTraced: boolean;
}

const NEWEST = '0.24.0';

/** Starts the program with a release of `thrift` and the output of a compiler. It is stopped when the test ends. */
async function startPeer({ thrift, output, isTraced }: PeerOptions): Promise<Peer> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'thrift-metrics-peer-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  await Promise.all([
    cp(join(__dirname, 'programs/context-peer.cjs'), join(folder, 'main.cjs')),
    cp(join(__dirname, '../thrift', output.folder), join(folder, 'generated'), {
      recursive: true,
    }),
    symlink(installed('thrift-peers', `thrift-${thrift}`), join(modules, 'thrift'), 'dir'),
    ...['node-int64', 'q', 'uuid'].map((name) =>
      symlink(join(repository, 'node_modules', name), join(modules, name), 'dir'),
    ),
  ]);
  const args = [
    join(folder, 'main.cjs'),
    output.isEs6 ? 'ES6' : 'ES5',
    ...(isTraced ? [DIST] : []),
  ];
  const program = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  onTestFinished(() => void program.kill('SIGKILL'));
  let stderr = '';
  program.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    const { done, value } = (await lines.next()) as { done?: boolean; value?: string };
    if (done === true) throw new Error(`the peer with thrift ${thrift} ended: ${stderr}`);
    return JSON.parse(value ?? '') as Record<string, unknown>;
  };
  const ask = (command: object): Promise<Record<string, unknown>> => {
    program.stdin.write(`${JSON.stringify(command)}\n`);
    return answer();
  };
  const { ports } = (await answer()) as { ports: Record<string, number> };
  return {
    ports,
    callAll: async (other) => {
      const { outcomes } = await ask({ call: other.ports });
      expect(stderr).toBe('');
      return outcomes;
    },
    spans: async (count) => (await ask({ spans: count }))['spans'] as Span[],
  };
}

/** Expects that each span of the server continues the span of a client, for the same call over the same wire. */
function expectContinued(servers: readonly Span[], clients: readonly Span[]): void {
  const called = (spans: readonly Span[]): string[] =>
    spans.map(({ wire, method }) => `${wire} ${method}`).toSorted();
  const every = WIRES.flatMap((wire) => METHODS.map((method) => `${wire} ${method}`)).toSorted();
  expect(called(clients)).toEqual(every);
  expect(called(servers)).toEqual(every);
  const idsOf = ({ wire, method, traceId }: Span, id: string | null): string =>
    `${wire} ${method} ${traceId} ${id}`;
  expect(servers.map((span) => idsOf(span, span.parentSpanId)).toSorted()).toEqual(
    clients.map((span) => idsOf(span, span.spanId)).toSorted(),
  );
}

/** Declares the tests of a traced program with a peer that uses a release of `thrift` and the output of a compiler. */
export function testPeer(thrift: ThriftPeer, output: Output): void {
  const [newest] = outputsFor(NEWEST) as readonly [Output];
  const startNewest = (): Promise<Peer> =>
    startPeer({ thrift: NEWEST, output: newest, isTraced: true });

  test(`bare, ${output.style}: answers a traced client, and gets the answers of a traced server`, async () => {
    const [traced, bare] = await Promise.all([
      startNewest(),
      startPeer({ thrift, output, isTraced: false }),
    ]);

    expect(await traced.callAll(bare)).toEqual(OUTCOMES);
    expect(await traced.spans(CALLS)).toHaveLength(CALLS);
    expect(await bare.callAll(traced)).toEqual(OUTCOMES);

    const served = await traced.spans(CALLS);
    expect(served.filter(({ isServer }) => isServer)).toHaveLength(CALLS);
    expect(new Set(served.map(({ parentSpanId }) => parentSpanId))).toEqual(new Set([null]));
  });

  test(`traced, ${output.style}: contexts arrive in both directions`, async () => {
    const [one, other] = await Promise.all([
      startNewest(),
      startPeer({ thrift, output, isTraced: true }),
    ]);

    for (const [client, server] of [
      [one, other],
      [other, one],
    ] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one direction after the other
      expect(await client.callAll(server)).toEqual(OUTCOMES);
      // oxlint-disable-next-line no-await-in-loop -- as above
      expectContinued(await server.spans(CALLS), await client.spans(CALLS));
    }
  });
}
