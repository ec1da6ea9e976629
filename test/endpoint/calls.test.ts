import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrument,
  Instrumented,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  metricsHandler,
  type MetricsServerOptions,
  resetMetrics,
  startMetricsServer,
} from '../../src/index';
import type { CallsDocument, ShownMethod } from '../../src/tools/page/browser/calls-protocol';
import { listen } from '../support/listen';
import { send } from '../support/send';
import { thrift } from '../support/start-thrift';
import { loadEs6 } from '../thrift/generated';

const LOOPBACK: MetricsServerOptions = { host: '127.0.0.1' };

beforeEach(() => {
  configureMetrics({ registry: new Registry(), calls: true, exemplar: null });
  resetMetrics();
});

async function start(options: MetricsServerOptions = LOOPBACK): Promise<number> {
  const server = await startMetricsServer({ port: 0, ...options });
  onTestFinished(() => server.close());
  return server.port;
}

/** Reads until the answer is as expected, because readers that come in quick succession share what was read. */
function readUntil(
  port: number,
  expected: (document: CallsDocument) => unknown,
  query = '',
): Promise<CallsDocument> {
  return vi.waitFor(async () => {
    const document = await read(port, query);
    await expected(document);
    return document;
  });
}

async function read(
  port: number,
  query = '',
  headers: http.OutgoingHttpHeaders = {},
): Promise<CallsDocument> {
  const { status, text } = await send(`http://127.0.0.1:${port}/-/calls${query}`, { headers });
  expect(status).toBe(200);
  return JSON.parse(text) as CallsDocument;
}

/** A promise that settles when the test says so. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

function methodIn({ methods }: CallsDocument, name: string): ShownMethod | undefined {
  return methods.find(({ method }) => method === name);
}

/** The calls that are kept of a method. */
async function keptOf(name: string): Promise<ShownMethod> {
  const document = await readUntil(await start(), (found) =>
    expect(methodIn(found, name)).toBeDefined(),
  );
  return methodIn(document, name) as ShownMethod;
}

/** Serves a library through real Thrift, instrumented in every part. Returns a client, and the port of the client's socket. */
async function serveLibrary(handler: object) {
  const generated = loadEs6();
  const server = instrumentServer(
    thrift.createServer(instrumentService(generated.service), handler),
  );
  const { port, close } = await listen(server);
  const connection = thrift.createConnection('127.0.0.1', port, {});
  connection.on('error', () => {});
  onTestFinished(async () => {
    connection.destroy();
    await close();
  });
  await once(connection, 'connect');
  const { localPort } = connection.connection;
  return { call: generated.createClient(connection), connection, peer: `127.0.0.1:${localPort}` };
}

test('a call that hangs in a real server is shown once, with its peer, also after its client has gone', async () => {
  const { opened, open } = gate();
  onTestFinished(open);
  @Instrumented
  class HangingHandler {
    async divide(left: number, right: number): Promise<number> {
      await opened;
      return left / right;
    }
  }
  const { call, connection, peer } = await serveLibrary(new HangingHandler());
  const port = await start();
  call('divide', 1, 2).catch(() => {});
  const shown = (): Promise<CallsDocument['inProgress']> =>
    vi.waitFor(async () => {
      const { inProgress } = await read(port);
      expect(inProgress.total).toBe(1);
      return inProgress;
    });
  const { calls } = await shown();
  expect(calls).toEqual([
    {
      pid: process.pid,
      worker: null,
      thread: 0,
      service: 'Hanging',
      method: 'divide',
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
      age: expect.any(Number) as number,
      queueSeconds: expect.any(Number) as number,
      peer,
      caller: null,
      traceId: null,
      arguments: null,
    },
  ]);
  connection.destroy();
  await once(connection.connection, 'close');
  expect((await shown()).calls[0]).toMatchObject({ method: 'divide', peer });
});

test.each([
  [
    'a promise',
    (opened: Promise<void>) => ({
      async divide(left: number, right: number) {
        await opened;
        return left / right;
      },
    }),
  ],
  [
    'a callback',
    (opened: Promise<void>) => ({
      divide(_left: number, _right: number, answer: (error: null, value: number) => void) {
        void opened.then(() => answer(null, 1));
      },
    }),
  ],
])(
  'a slow call that answers by %s is kept with its peer and its arguments',
  async (_how, create) => {
    configureMetrics({ calls: { arguments: 'types' } });
    const { opened, open } = gate();
    const handler = instrumentHandler(create(opened), { service: 'SlowLibrary' });
    const { call, peer } = await serveLibrary(handler);
    const port = await start();
    const answer = call('divide', 1, 2);
    await vi.waitFor(async () =>
      expect((await read(port)).inProgress.calls[0]).toMatchObject({
        service: 'SlowLibrary',
        arguments: 'number, number',
        peer,
      }),
    );
    // Long enough for the class from 10 ms on.
    await vi.waitFor(async () =>
      expect((await read(port)).inProgress.calls[0]?.age).toBeGreaterThan(0.015),
    );
    open();
    await answer;
    const document = await vi.waitFor(async () => {
      const found = await read(port);
      expect(found.inProgress.total).toBe(0);
      return found;
    });
    const method = methodIn(document, 'divide');
    expect(method?.failed).toEqual([]);
    expect(method?.slow).toHaveLength(1);
    const [group] = method?.slow ?? [];
    const [kept] = group?.calls ?? [];
    expect(kept).toMatchObject({ peer, arguments: 'number, number', error: null });
    const duration = kept?.duration as number;
    expect(duration).toBeGreaterThanOrEqual(group?.from as number);
    expect(duration).toBeLessThan(group?.to ?? Infinity);
    expect((kept?.queueSeconds ?? NaN) + (kept?.handlerSeconds ?? NaN)).toBeCloseTo(duration, 9);
  },
);

test('failed calls are kept by type with message and stack, however large and hostile they are', async () => {
  const run = instrument(
    async (what: string) => {
      if (what === 'huge') throw new RangeError('x'.repeat(5_000_000));
      if (what === 'deep') return deep(100);
      if (what === 'proxy') throw hostileProxy();
      if (what === 'getters') throw new Hostile();
      // oxlint-disable-next-line no-throw-literal -- anything can be thrown
      throw what;
    },
    { service: 'Failing', method: 'run' },
  );
  for (const what of ['huge', 'deep', 'proxy', 'getters', 'a text']) {
    // oxlint-disable-next-line no-await-in-loop -- one after another
    await run(what).catch(() => {});
  }
  const document = await readUntil(await start(), (found) =>
    expect(methodIn(found, 'run')).toBeDefined(),
  );
  const failed = methodIn(document, 'run')?.failed ?? [];
  const byType = new Map(failed.map(({ type, calls }) => [type, calls[0]?.error]));
  const huge = byType.get('RangeError');
  expect(huge?.message).toHaveLength(512);
  expect(huge?.stack).toMatch(/^at /);
  expect(huge?.stack).not.toContain('xxx');
  const { stack } = byType.get('DeepError') ?? {};
  expect(stack?.split('\n').length).toBeLessThanOrEqual(10);
  expect(stack).toContain('calls.test.ts');
  expect(byType.get('_unknown')).toEqual({ message: null, stack: null });
  expect(byType.get('Hostile')).toEqual({ message: null, stack: null });
  expect(asked).toBe(0);
  expect(byType.get('string')).toEqual({ message: 'a text', stack: null });
});

class DeepError extends Error {}

function deep(level: number): never {
  if (level === 0) throw new DeepError('from far below');
  return deep(level - 1);
}

let asked = 0;

class Hostile {
  get message(): never {
    asked++;
    throw new Error('message');
  }

  get stack(): string {
    asked++;
    return 'a stack';
  }
}

function hostileProxy(): object {
  const fail = (): never => {
    throw new Error('trap');
  };
  return new Proxy({}, { get: fail, getPrototypeOf: fail, ownKeys: fail, has: fail });
}

test('a result that counts as failed is kept with its type and without an error message', async () => {
  const run = instrument(() => 'bad', {
    service: 'Failing',
    method: 'judge',
    failed: ({ result }) => result === 'bad' && 'BAD',
  });
  run();
  expect((await keptOf('judge')).failed).toMatchObject([
    { type: 'BAD', kind: 'result', calls: [{ error: { message: null, stack: null } }] },
  ]);
});

test('the function for arguments runs only for calls that are shown or kept', async () => {
  const write = vi.fn(({ args }: { args: readonly unknown[] }) => `first: ${String(args[0])}`);
  configureMetrics({ calls: { arguments: write } });
  const run = instrument(
    (fails: boolean) => {
      if (fails) throw new Error('failed');
    },
    { service: 'Shown', method: 'write' },
  );
  for (let i = 0; i < 100; i++) run(false);
  expect(write).not.toHaveBeenCalled();
  expect(() => run(true)).toThrow('failed');
  expect(write).toHaveBeenCalledTimes(1);
  const method = await keptOf('write');
  expect(method.failed[0]?.calls[0]?.arguments).toBe('first: true');
});

test.each<[string, () => unknown, RegExp]>([
  [
    'throws',
    () => {
      throw new Error('no text');
    },
    /no text/,
  ],
  ['returns a promise', async () => Promise.reject(new Error('late')), /string/],
  ['returns a number', () => 1, /string/],
])('a function for arguments that %s hides them and is reported', async (_how, write, message) => {
  const onError = vi.fn();
  configureMetrics({ onError, calls: { arguments: write as () => string } });
  const run = instrument(
    () => {
      throw new Error('failed');
    },
    { service: 'Shown', method: 'fault' },
  );
  expect(() => run()).toThrow('failed');
  expect(onError).toHaveBeenCalledWith(
    expect.objectContaining({ message: expect.stringMatching(message) as string }),
    'calls:arguments',
  );
  const method = await keptOf('fault');
  expect(method.failed[0]?.calls[0]?.arguments).toBeNull();
});

test('a text about arguments is kept up to 512 characters', async () => {
  configureMetrics({ calls: { arguments: () => 'y'.repeat(100_000) } });
  const run = instrument(
    () => {
      throw new Error('failed');
    },
    { service: 'Shown', method: 'long' },
  );
  expect(() => run()).toThrow('failed');
  const method = await keptOf('long');
  expect(method.failed[0]?.calls[0]?.arguments).toHaveLength(512);
});

test('a change of the option arguments forgets what was kept under the option before', async () => {
  configureMetrics({ calls: { arguments: (call) => JSON.stringify(call.args) } });
  const run = instrument(
    (_card: string) => {
      throw new Error('failed');
    },
    { service: 'Narrowed', method: 'run' },
  );
  expect(() => run('4111')).toThrow('failed');
  expect((await keptOf('run')).failed[0]?.calls[0]?.arguments).toContain('4111');
  configureMetrics({ calls: { arguments: 'types' } });
  expect(() => run('4111')).toThrow('failed');
  const port = await start();
  const document = await readUntil(port, (found) =>
    expect(methodIn(found, 'run')?.failed[0]?.calls.map((call) => call.arguments)).toEqual([
      'string',
    ]),
  );
  expect(JSON.stringify(document)).not.toContain('4111');
});

test.each([false, { enabled: false, arguments: 'types' as const }])(
  'with calls: %j nothing is kept, and the answer says so',
  async (calls) => {
    const { opened, open } = gate();
    onTestFinished(open);
    const fail = instrument(
      () => {
        throw new Error('failed');
      },
      { service: 'Off', method: 'fail' },
    );
    expect(() => fail()).toThrow('failed');
    configureMetrics({ calls });
    expect(() => fail()).toThrow('failed');
    void instrument(() => opened, { service: 'Off', method: 'hang' })();
    const port = await start();
    await readUntil(port, (document) =>
      expect(document).toMatchObject({
        enabled: false,
        inProgress: { total: 0, calls: [] },
        methods: [],
      }),
    );
    configureMetrics({ calls: true });
    await vi.waitFor(async () =>
      expect(await read(port)).toMatchObject({ enabled: true, methods: [] }),
    );
  },
);

test('resetMetrics forgets the calls in progress and those that are kept', async () => {
  const { opened, open } = gate();
  const hang = instrument(() => opened, { service: 'Reset', method: 'hang' });
  const fail = instrument(() => Promise.reject(new Error('failed')), {
    service: 'Reset',
    method: 'fail',
  });
  const hung = hang();
  await fail().catch(() => {});
  resetMetrics();
  await readUntil(await start(), (document) =>
    expect(document).toMatchObject({ inProgress: { total: 0 }, methods: [] }),
  );
  open();
  await hung;
});

test('a class that is declared again adds to the calls of the one before', async () => {
  const { opened, open } = gate();
  onTestFinished(open);
  const declare = (): { hang(): Promise<void> } => {
    @Instrumented({ service: 'Reloaded' })
    class Handler {
      async hang(): Promise<void> {
        await opened;
      }
    }
    return new Handler();
  };
  const [before, after] = [declare(), declare()];
  void before.hang();
  void after.hang();
  await readUntil(
    await start(),
    ({ inProgress }) => expect(inProgress.calls).toHaveLength(2),
    '?service=Reloaded&method=hang',
  );
});

test('the oldest call is first, and the number of shown calls is bounded', async () => {
  const { opened, open } = gate();
  const hang = instrument(() => opened, { service: 'Many', method: 'hang' });
  const calls = Array.from({ length: 5000 }, () => hang());
  const { inProgress } = await readUntil(await start(), (document) =>
    expect(document.inProgress.total).toBe(5000),
  );
  expect(inProgress.calls).toHaveLength(100);
  const ages = inProgress.calls.map(({ age }) => age);
  expect(ages).toEqual(ages.toSorted((a, b) => b - a));
  open();
  await Promise.all(calls);
});

test('a reader can ask for one method, or for calls in progress alone', async () => {
  for (const method of ['a', 'b']) {
    const fail = instrument(
      () => {
        throw new Error('failed');
      },
      { service: 'Asked', method },
    );
    expect(() => fail()).toThrow('failed');
  }
  const port = await start();
  await readUntil(
    port,
    ({ methods }) => expect(methods.map(({ method }) => method)).toEqual(['b']),
    '?service=Asked&method=b',
  );
  expect((await read(port, '?only=in-progress')).methods).toEqual([]);
});

const SECRET = 'order 4711 of ann@example.com';

function failWithSecret(): void {
  configureMetrics({ calls: { arguments: () => SECRET } });
  const fail = instrument(
    () => {
      throw new RangeError(SECRET);
    },
    { service: 'Secret', method: 'fail' },
  );
  expect(() => fail()).toThrow(SECRET);
}

test.each<[string, MetricsServerOptions, http.OutgoingHttpHeaders]>([
  ['on all interfaces', {}, {}],
  ['on a public address', { host: '0.0.0.0' }, {}],
  ['behind a proxy on the same machine', LOOPBACK, { 'x-forwarded-for': '203.0.113.9' }],
  ['under the name of another site', LOOPBACK, { host: 'rebound.example.com' }],
])(
  'without auth, a server %s shows no arguments, messages and stacks, and says why',
  async (_where, options, headers) => {
    failWithSecret();
    const { status, text } = await send(`http://127.0.0.1:${await start(options)}/-/calls`, {
      headers,
    });
    expect(status).toBe(200);
    expect(text).not.toContain(SECRET);
    const { hidden, methods } = JSON.parse(text) as CallsDocument;
    expect(hidden).toContain("'auth'");
    expect(methods[0]?.failed).toMatchObject([
      { type: 'RangeError', calls: [{ arguments: null, error: { message: null, stack: null } }] },
    ]);
  },
);

test('without auth, a server that only this machine reaches shows everything', async () => {
  failWithSecret();
  const { methods } = await readUntil(await start(), ({ hidden, methods: [first] }) => {
    expect(hidden).toBeNull();
    expect(first?.service).toBe('Secret');
  });
  expect(methods[0]?.failed[0]?.calls[0]).toMatchObject({
    arguments: SECRET,
    error: { message: SECRET },
  });
});

test('with auth, a reader that may read the metrics sees everything, and no other reader sees anything', async () => {
  failWithSecret();
  const port = await start({ auth: { token: 'reader' } });
  expect((await send(`http://127.0.0.1:${port}/-/calls`)).status).toBe(401);
  const document = await read(port, '', { authorization: 'Bearer reader' });
  expect(document.methods[0]?.failed[0]?.calls[0]?.error?.message).toBe(SECRET);
});

test('metricsHandler serves the calls below its mount path', async () => {
  failWithSecret();
  const server = http.createServer(metricsHandler()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const { text } = await send(`http://127.0.0.1:${port}/metrics/-/calls`);
  expect((JSON.parse(text) as CallsDocument).methods[0]?.method).toBe('fail');
});

test('a flood of different queries gets 503, and one query still has its answer', async () => {
  const port = await start();
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, i) => send(`http://127.0.0.1:${port}/-/calls?method=${i}`)),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  expect(statuses).toContain(503);
  expect(statuses).toContain(200);
  await vi.waitFor(async () => expect((await read(port)).enabled).toBe(true));
});

test('the trace of the exemplar function is kept with a failed call', async () => {
  configureMetrics({ exemplar: () => ({ trace_id: 'cafe0123' }) });
  const fail = instrument(
    () => {
      throw new Error('failed');
    },
    { service: 'Traced', method: 'fail' },
  );
  expect(() => fail()).toThrow('failed');
  const { methods } = await readUntil(await start(), (document) =>
    expect(methodIn(document, 'fail')).toBeDefined(),
  );
  expect(methods[0]?.failed[0]?.calls[0]?.traceId).toBe('cafe0123');
});

test('a flood of readers without details does not delay what other readers see', async () => {
  const anonymous = await start({});
  const own = await start();
  expect((await read(own)).inProgress.total).toBe(0);
  const { opened, open } = gate();
  onTestFinished(open);
  void instrument(() => opened, { service: 'Present', method: 'hang' })();
  // Longer than the time for which readers share what was read.
  await new Promise((resolve) => setTimeout(resolve, 600));
  // Several times, because the flood and the reader may be in different periods.
  for (let i = 0; i < 5; i++) {
    // oxlint-disable-next-line no-await-in-loop -- the flood comes first
    await Promise.all(Array.from({ length: 8 }, () => read(anonymous)));
    // oxlint-disable-next-line no-await-in-loop -- as above
    expect((await read(own)).inProgress.total).toBe(1);
  }
});

test('each method has its latest calls in the answer, whatever the others keep', async () => {
  configureMetrics({ calls: { arguments: () => 'x'.repeat(512) } });
  const fail = (type: string) => {
    const error = new Error('x'.repeat(512));
    error.name = type;
    throw error;
  };
  const quiet = instrument(() => fail('Quiet'), { service: 'Fair', method: 'quiet' });
  expect(() => quiet()).toThrow();
  for (let i = 0; i < 40; i++) {
    const loud = instrument((type: string) => fail(type), { service: 'Fair', method: `loud${i}` });
    for (let type = 0; type < 6; type++) {
      for (let call = 0; call < 2; call++) expect(() => loud(`Type${type}`)).toThrow();
    }
  }
  const document = await readUntil(await start(), (found) =>
    expect(found.omitted).toBeGreaterThan(0),
  );
  expect(methodIn(document, 'quiet')?.failed).toHaveLength(1);
  const numbers = Array.from({ length: 40 }, (_, i) => methodIn(document, `loud${i}`));
  expect(numbers).not.toContain(undefined);
});
