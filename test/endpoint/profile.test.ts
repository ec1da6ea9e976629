import { once } from 'node:events';
import http from 'node:http';
import inspector, { type Session } from 'node:inspector';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startServer } from '../../src/endpoint/metrics-server';
import { serverDefaultsOf } from '../../src/endpoint/server-defaults';
import { configureMetrics, metricsHandler, startMetricsServer } from '../../src/index';
import type { MetricsServer, MetricsServerOptions } from '../../src/index';
import { currentRuntime } from '../../src/runtime/runtime';
import { LIMITS } from '../../src/scrape/deadlines';
import type {
  CpuProfile,
  HeapProfile,
  ProfileFile,
} from '../../src/tools/page/browser/profile-protocol';
import { hottestOf } from '../../src/tools/page/browser/profile-hottest';
import { createTree } from '../../src/tools/page/browser/profile-tree';
import { profilerOf } from '../../src/tools/profile/profiler';
import { send, type Answer } from '../support/send';
import { errorOf } from '../support/error-of';
import { connect, type Connected } from '../real/page/load';
import { startProgram, type Program } from '../support/start-program';

const AUTH = { token: 's3cret' };
const BEARER = { Authorization: `Bearer ${AUTH.token}` };

const { Operation, Work } =
  require('../../examples/calculator/gen-nodejs/calculator_types.js') as typeof import('../../examples/calculator/gen-nodejs/calculator_types.js');
const WORK = new Work({ left: 1, right: 1, op: Operation.ADD });

/** Calls a service repeatedly until a profile of it was taken. */
async function profileDuring(
  url: string,
  { client }: Connected,
  call: (client: Connected['client']) => Promise<unknown>,
): Promise<Answer> {
  const state = { isTaken: false };
  const taken = send(url, { headers: BEARER }).finally(() => {
    state.isTaken = true;
  });
  // oxlint-disable-next-line no-await-in-loop -- calls follow each other until the answer
  while (!state.isTaken) await call(client);
  return taken;
}

describe.each(['decorated', 'facade'])('of a service whose handler is measured as %s,', (how) => {
  let program: Program;
  let connected: Connected;
  let url = '';
  beforeAll(async () => {
    const options: MetricsServerOptions = { profile: true, auth: AUTH };
    const main = ['--import', 'tsx', 'test/endpoint/programs/profiled.ts', how];
    program = startProgram(process.execPath, [...main, JSON.stringify(options)]);
    const [, thriftPort, port] = await program.writes(/thrift (\d+) metrics (\d+)/);
    connected = await connect(Number(thriftPort));
    url = `http://127.0.0.1:${port}/-/profile`;
  });
  afterAll(async () => {
    connected?.end();
    await program?.stop();
  });

  it('a profile of the CPU is valid, and its hottest method is the one that kept the process busy', async () => {
    const { status, headers, text } = await profileDuring(
      `${url}?seconds=1`,
      connected,
      async (client) => {
        await client.factorize(100);
        await client.add(1, 2);
      },
    );
    expect(status).toBe(200);
    expect(headers['content-disposition']).toMatch(
      /^attachment; filename="Calculator-\d+-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ\.cpuprofile"$/,
    );
    expect(headers['cache-control']).toBe('no-store');
    const file = JSON.parse(text) as ProfileFile & CpuProfile;
    expectCpuProfile(file);
    // Independently of this package: most samples have `factorize` on their stack, unless the process waits for its client.
    const busy = (file.samples ?? []).length - samplesWithin(file, '(idle)');
    expect(samplesWithin(file, 'factorize')).toBeGreaterThan(busy / 2);
    const [hottest] = hottestOf(createTree(file).root, 1).methods;
    expect(hottest?.name).toBe('Calculator.factorize');
    expect(file.thriftMetrics).toMatchObject({
      type: 'cpu',
      service: 'Calculator',
      seconds: 1,
      interval: 1000,
      thread: 0,
      hasWorkers: false,
    });
  });

  it('a heap profile is valid, and has the bytes that a method has allocated', async () => {
    const { status, headers, text } = await profileDuring(
      `${url}?type=heap&seconds=1`,
      connected,
      (client) => client.mean([1]),
    );
    expect(status).toBe(200);
    expect(headers['content-disposition']).toMatch(/\.heapprofile"$/);
    const file = JSON.parse(text) as ProfileFile & HeapProfile;
    expect(file.head.callFrame.functionName).toBe('(root)');
    const { root, total } = createTree(file);
    const [most] = hottestOf(root, 1).functions;
    expect(most?.name).toMatch(/^(?:Calculator\.)?mean$/);
    expect(most?.self).toBeGreaterThan(total / 2);
  });
});

it('a method is shown as such also after it has waited', async () => {
  const options: MetricsServerOptions = { profile: true, auth: AUTH };
  const main = ['--import', 'tsx', 'test/endpoint/programs/profiled.ts', 'facade'];
  const program = startProgram(process.execPath, [...main, JSON.stringify(options)]);
  const [, thriftPort, port] = await program.writes(/thrift (\d+) metrics (\d+)/);
  const connected = await connect(Number(thriftPort));
  try {
    const url = `http://127.0.0.1:${port}/-/profile?seconds=1&interval=500`;
    const { text } = await profileDuring(url, connected, (client) => client.calculate(20, WORK));
    const file = JSON.parse(text) as ProfileFile;
    const { root, total } = createTree(file);
    const [hottest] = hottestOf(root, 1).methods;
    expect(hottest?.name).toBe('Calculator.calculate');
    expect(hottest?.total).toBeGreaterThan(total / 2);
    expect(file.thriftMetrics.interval).toBe(500);
  } finally {
    connected.end();
    await program.stop();
  }
});

const servers: MetricsServer[] = [];
const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(() => {
  onError.mockReset();
  configureMetrics({ registry: new Registry(), onError });
});
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: MetricsServerOptions = {}): Promise<string> {
  const server = await startMetricsServer({ port: 0, auth: AUTH, profile: true, ...options });
  servers.push(server);
  return `${server.url}/-/profile`;
}

const get = (url: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send(url, { headers: { ...BEARER, ...headers } });

const secondsUntilFree = (): number | null => profilerOf(currentRuntime()).secondsUntilFree();

/** Sends a request for a profile, and resolves once the server has begun to take it. */
async function begin(url: string): Promise<http.ClientRequest> {
  const request = http.get(url, { agent: false, headers: BEARER });
  request.on('error', () => {});
  await vi.waitFor(() => expect(secondsUntilFree()).not.toBeNull());
  return request;
}

it('a profile needs authentication', async () => {
  const url = await start();
  const { status, text } = await send(`${url}?seconds=1`);
  expect([status, text]).toEqual([401, 'authentication is needed\n']);
  expect((await send(url, { headers: { Authorization: 'Bearer wrong' } })).status).toBe(401);
});

it('profiles are off unless the server takes them', async () => {
  const url = await start({ profile: false });
  const { status, text } = await get(url);
  expect([status, text]).toEqual([
    404,
    'profiles are off; they need the options profile: true and auth\n',
  ]);
});

it('a server and a handler that would let everyone take profiles do not start', async () => {
  const error = await startMetricsServer({ port: 0, profile: true }).catch((each: unknown) => each);
  expect(error).toMatchObject({
    code: 'TM_ERR_PROFILE_AUTH',
    message:
      "startMetricsServer: the option 'profile' is true, but 'auth' is not set, so that everyone could profile the process. Set 'auth', or remove 'profile'.",
  });
  expect(errorOf(() => metricsHandler({ profile: true }))).toMatchObject({
    code: 'TM_ERR_PROFILE_AUTH',
  });
  expect(errorOf(() => metricsHandler({ profile: 'yes' as never, auth: AUTH }))).toMatchObject({
    code: 'TM_ERR_OPTION_INVALID',
  });
});

it('a setting outside the program that asks for profiles without authentication is reported, and there are none', async () => {
  const defaults = serverDefaultsOf(currentRuntime());
  defaults.options = { profile: true };
  try {
    const server = await startMetricsServer({ port: 0 });
    servers.push(server);
    expect((await get(`${server.url}/-/profile`)).status).toBe(404);
    expect((await get(`${server.url}/`)).text).not.toContain('data-profiles');
    expect(onError.mock.calls).toMatchObject([[{ code: 'TM_ERR_PROFILE_AUTH' }, 'profile']]);
    const guarded = await startMetricsServer({ port: 0, auth: AUTH });
    servers.push(guarded);
    expect((await get(`${guarded.url}/-/profile?seconds=0`)).status).toBe(400);
    expect((await get(`${guarded.url}/`)).text).toContain('data-profiles');
  } finally {
    defaults.options = {};
  }
});

it('a handler takes profiles below the path where it is mounted', async () => {
  const handler = metricsHandler({ profile: true, auth: AUTH });
  const server = http.createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    const { status, text } = await get(
      `http://127.0.0.1:${port}/internal/metrics/-/profile?seconds=1`,
    );
    expect(status).toBe(200);
    expectCpuProfile(JSON.parse(text) as CpuProfile);
  } finally {
    server.close();
  }
});

it('a wrong query is answered with what is allowed, and HEAD with the method that is', async () => {
  const url = await start();
  const { status, text } = await get(`${url}?seconds=x`);
  expect(status).toBe(400);
  expect(text).toContain('expected a whole number of seconds from 1 to 60');
  const head = await send(url, { method: 'HEAD', headers: BEARER });
  expect([head.status, head.headers.allow]).toEqual([405, 'GET']);
});

it('a second profile is refused until the first one is complete', async () => {
  const url = await start();
  const first = get(`${url}?seconds=2`);
  await vi.waitFor(async () => {
    const { status, headers, text } = await get(`${url}?seconds=1&type=heap`);
    expect(status).toBe(409);
    expect(headers['retry-after']).toMatch(/^[12]$/);
    expect(text).toMatch(/^a profile of this process is being taken; try again in [12] seconds\n$/);
  });
  expect((await first).status).toBe(200);
  expect((await get(`${url}?seconds=1`)).status).toBe(200);
});

it('a profile ends when its reader disconnects', async () => {
  const url = await start();
  const request = await begin(`${url}?seconds=60`);
  request.destroy();
  await vi.waitFor(() => expect(secondsUntilFree()).toBeNull());
  expect((await get(`${url}?seconds=1`)).status).toBe(200);
});

it('a profile ends when the server closes', async () => {
  await begin(`${await start()}?seconds=60`);
  await servers.splice(0)[0]?.close();
  await vi.waitFor(() => expect(secondsUntilFree()).toBeNull());
});

it('the limit for idle connections does not cut off a profile', async () => {
  const limits = { ...LIMITS, idleTimeout: 300 };
  const options = { port: 0, auth: AUTH, profile: true };
  const server = await startServer(currentRuntime(), options, limits);
  servers.push(server);
  expect((await get(`${server.url}/-/profile?seconds=1`)).status).toBe(200);
});

describe('a browser', () => {
  const MOZILLA = { 'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64)' };
  it.each([
    { from: 'a page of another site', status: 403, headers: { 'Sec-Fetch-Site': 'cross-site' } },
    {
      from: 'a page of another site that may set headers',
      status: 403,
      headers: { 'Sec-Fetch-Site': 'cross-site', 'X-Requested-With': 'thrift-metrics' },
    },
    { from: 'a page of another port', status: 403, headers: { 'Sec-Fetch-Site': 'same-site' } },
    { from: 'a page that it does not name', status: 403, headers: {} },
    { from: 'the address bar', status: 400, headers: { 'Sec-Fetch-Site': 'none' } },
    { from: 'the live page', status: 400, headers: { 'Sec-Fetch-Site': 'same-origin' } },
    { from: 'the live page over plain HTTP', status: 400, headers: { 'X-Requested-With': 'x' } },
  ])('that requests a profile from $from is answered with $status', async (example) => {
    // Past the check, the wrong query is refused.
    const headers: Record<string, string> = { ...MOZILLA };
    Object.assign(headers, example.headers);
    expect((await get(`${await start()}?seconds=0`, headers)).status).toBe(example.status);
  });
});

describe('beside another user of the inspector', () => {
  const sessions: Session[] = [];
  afterEach(() => {
    for (const session of sessions.splice(0)) session.disconnect();
  });

  function other(): (command: string) => Promise<object> {
    const session = new inspector.Session();
    session.connect();
    sessions.push(session);
    return (command) =>
      new Promise((resolve, reject) => {
        session.post(command, (error, result) => {
          if (error === null) resolve(Object(result) as object);
          else reject(error);
        });
      });
  }

  it('a profile of the CPU is taken, and the other one goes on', async () => {
    const post = other();
    await post('Profiler.enable');
    await post('Profiler.start');
    const { status, text } = await get(`${await start()}?seconds=1`);
    expect(status).toBe(200);
    expectCpuProfile(JSON.parse(text) as CpuProfile);
    expectCpuProfile(((await post('Profiler.stop')) as { profile: CpuProfile }).profile);
  });

  it('allocations are not sampled if something else samples them, which goes on', async () => {
    const post = other();
    await post('HeapProfiler.startSampling');
    const { status, text } = await get(`${await start()}?seconds=1&type=heap`);
    expect(status).toBe(409);
    expect(text).toMatch(/^something else in this process samples its allocations/);
    expect(await post('HeapProfiler.stopSampling')).toHaveProperty('profile.head');
  });

  it('nothing is sampled any more after a profile', async () => {
    expect((await get(`${await start()}?seconds=1&type=heap`)).status).toBe(200);
    await expect(other()('HeapProfiler.getSamplingProfile')).rejects.toMatchObject({
      message: expect.stringContaining('not started') as string,
    });
  });
});

it('a runtime without an inspector answers that it has none', async () => {
  vi.spyOn(inspector.Session.prototype, 'connect').mockImplementation(() => {
    throw new Error('Inspector is not available');
  });
  const { status, text } = await get(`${await start()}?seconds=1`);
  expect(status).toBe(501);
  expect(text).toBe(
    `Node.js ${process.version} cannot take this profile in this process, because it lacks the inspector of Node.js or a part of it: Inspector is not available\n`,
  );
  vi.restoreAllMocks();
  expect((await get(`${servers[0]?.url}/-/profile?seconds=1`)).status).toBe(200);
  expect(onError).not.toHaveBeenCalled();
});

/** Checks what Chromium and other tools read: https://chromedevtools.github.io/devtools-protocol/v8/Profiler/#type-Profile */
function expectCpuProfile({
  nodes,
  samples = [],
  timeDeltas = [],
  startTime,
  endTime,
}: CpuProfile): void {
  const ids = new Set(nodes.map(({ id }) => id));
  expect(ids.size).toBe(nodes.length);
  expect(samples.length).toBeGreaterThan(0);
  expect(timeDeltas).toHaveLength(samples.length);
  expect(samples.filter((id) => !ids.has(id))).toEqual([]);
  expect(nodes.flatMap(({ children = [] }) => children).filter((id) => !ids.has(id))).toEqual([]);
  expect(endTime).toBeGreaterThan(startTime);
}

/** Number of samples with a function of this name on the stack. */
function samplesWithin({ nodes, samples = [] }: CpuProfile, name: string): number {
  const within = new Set<number>();
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const visit = (id: number, isWithin: boolean): void => {
    const node = byId.get(id);
    if (node === undefined) return;
    const isIn = isWithin || node.callFrame.functionName === name;
    if (isIn) within.add(id);
    for (const child of node.children ?? []) visit(child, isIn);
  };
  visit(nodes[0]?.id ?? 0, false);
  return samples.filter((id) => within.has(id)).length;
}
