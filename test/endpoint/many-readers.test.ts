import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';
import { configureMetrics, resetMetrics, Timed, type MetricsServer } from '../../src/index';
import { LIMITS } from '../../src/scrape/deadlines';
import { createHandler } from '../../src/endpoint/metrics-handler';
import { startServer } from '../../src/endpoint/metrics-server';
import { sharedScrapesOf } from '../../src/endpoint/shared-scrape';
import type { MetricsServerOptions } from '../../src/endpoint/server-options';
import { closing } from '../support/closing';
import { nextServerSocket } from '../support/next-server-socket';
import { readSlowly } from '../support/read-slowly';
import { send, type Answer } from '../support/send';
import { sumOf } from '../support/sum-of';
import { parseText } from '../support/text-format';
import { valueOf } from '../support/value-of';

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry: Registry;
let server: MetricsServer;

beforeEach(() => {
  registry = new Registry();
  onError.mockClear();
  resetMetrics();
  configureMetrics({ registry, onError, processMetrics: false, maxSeriesPerMetric: 10_000 });
  new Gauge({ name: 'ready', help: 'A gauge.', registers: [registry] }).set(1);
});
afterEach(async () => {
  expect((await send(`${server.url}/metrics?name[]=ready`)).text).toContain('ready 1\n');
  await server.close();
});

async function start(options: MetricsServerOptions = {}, limits = LIMITS): Promise<void> {
  server = await startServer(currentRuntime(), { port: 0, host: '127.0.0.1', ...options }, limits);
}

function scrape(timeout?: number): Promise<Answer> {
  return send(`${server.url}/metrics`, {
    headers:
      timeout === undefined ? {} : { 'x-prometheus-scrape-timeout-seconds': String(timeout) },
  });
}

/** A user metric whose collection finishes when `open` is called. */
function createGate(): { open(): void; began: Promise<unknown>; collections(): number } {
  const events = new EventEmitter();
  const opened = once(events, 'opened');
  const began = once(events, 'began');
  let collections = 0;
  new Gauge({
    name: 'gated',
    help: 'A gauge that waits.',
    registers: [registry],
    async collect() {
      collections++;
      events.emit('began');
      await opened;
      this.set(collections);
    },
  });
  return { open: () => events.emit('opened'), began, collections: () => collections };
}

/** Creates a metric that does not fit into the buffers of a connection. */
function createLargeMetric(): void {
  const large = new Gauge({
    name: 'large',
    help: 'A gauge.',
    labelNames: ['series'],
    registers: [registry],
  });
  for (let series = 0; series < 1000; series++)
    large.set({ series: `${series}`.padEnd(20_000) }, 1);
}

describe('200 clients that scrape at once', () => {
  it('the scrapes that wait for their turn share one render, and a later scrape gets a new one', async () => {
    const gate = createGate();
    let arrived = 0;
    await start({
      auth: () => {
        if (++arrived === 200) gate.open();
        return true;
      },
    });
    const answers = await Promise.all(Array.from({ length: 200 }, () => scrape()));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    // The first has begun when the others come.
    expect(gate.collections()).toBe(2);
    expect((await scrape()).text).toContain('gated 3\n');
  });
});

describe('a scrape that comes during another', () => {
  it('a scrape that comes during another has the calls that have ended in between', async () => {
    class Handler {
      @Timed
      run(): void {}
    }
    const handler = new Handler();
    handler.run();
    const gate = createGate();
    const arrived = vi.fn<() => boolean>(() => true);
    await start({ auth: arrived });
    const first = scrape();
    await gate.began;
    handler.run();
    const second = scrape();
    await vi.waitFor(() => expect(arrived).toHaveBeenCalledTimes(2));
    gate.open();
    expect((await first).text).toContain('gated 1\n');
    const name = 'thrift_server_latency_seconds_count';
    const labels = { thrift_service: 'Handler', thrift_method: 'run' };
    expect(sumOf(parseText((await second).text), name, labels)).toBe(2);
  });
});

describe('a scrape that waits for a slow metric', () => {
  it('a scrape that waits for a slow metric does not hold up the next for long', async () => {
    const gate = createGate();
    await start();
    const scrapes = [scrape()];
    await gate.began;
    scrapes.push(scrape());
    await vi.waitFor(() => expect(gate.collections()).toBe(2), 5000);
    gate.open();
    for (const { text } of await Promise.all(scrapes)) expect(text).toContain('gated 2\n');
  });
});

describe('a client that disconnects', () => {
  it('a client that disconnects while its scrape is rendered does not affect others', async () => {
    const gate = createGate();
    await start();
    const serverSocket = nextServerSocket();
    const request = http.get(`${server.url}/metrics`, { agent: false }).on('error', () => {});
    await gate.began;
    const otherSocket = nextServerSocket();
    const other = scrape();
    await otherSocket;
    const gone = closing(await serverSocket);
    request.destroy();
    await gone;
    gate.open();
    expect((await other).text).toMatch(/^gated 2$/m);
    expect(onError).not.toHaveBeenCalled();
  });

  it('a client that disconnects leaves nothing behind of the requests that waited on its connection', async () => {
    createLargeMetric();
    await start();
    const { memory, running, waiting } = sharedScrapesOf(currentRuntime()) as unknown as {
      readonly memory: { readonly held: number };
      readonly running: ReadonlySet<unknown>;
      readonly waiting: ReadonlyMap<string, unknown>;
    };
    const serverSocket = nextServerSocket();
    const client = net.connect(server.port, '127.0.0.1').pause();
    client.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(3));
    const gone = closing(await serverSocket);
    await vi.waitFor(() => expect(memory.held).toBeGreaterThan(0));
    client.destroy();
    await gone;
    await vi.waitFor(() => expect([memory.held, running.size, waiting.size]).toEqual([0, 0, 0]));
    expect((await scrape()).status).toBe(200);
  });

  it('a client that disconnects during its answer causes no fault', async () => {
    createLargeMetric();
    await start();
    const serverSocket = nextServerSocket();
    const request = http.get(`${server.url}/metrics`, { agent: false }).on('error', () => {});
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    await once(
      response.on('error', () => {}),
      'data',
    );
    const gone = closing(await serverSocket);
    response.destroy();
    await gone;
    expect(onError).not.toHaveBeenCalled();
  });
});

describe('a reader that reads nothing', () => {
  it('a reader that reads nothing is disconnected after the idle timeout', async () => {
    createLargeMetric();
    await start({}, { ...LIMITS, idleTimeout: 100 });
    const serverSocket = nextServerSocket();
    const client = net.connect(server.port, '127.0.0.1').pause();
    client.write('GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const socket = await serverSocket;
    await closing(socket);
    expect(socket.bytesRead).toBeGreaterThan(0);
    let received = 0;
    client.on('data', (chunk) => (received += chunk.length)).on('error', () => {});
    await closing(client.resume());
    expect(received).toBeLessThan(20_000_000);
    expect(onError).not.toHaveBeenCalled();
  });
});

describe('a slow reader', () => {
  const REQUEST = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';
  const LAST_REQUEST = REQUEST.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n');
  const SOON = { ...LIMITS, responseTimeout: 300 };

  it('a slow reader is disconnected after the response timeout', async () => {
    createLargeMetric();
    await start({}, SOON);
    const serverSocket = nextServerSocket();
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    const taken = readSlowly(client);
    client.write(REQUEST);

    await closing(await serverSocket);
    client.destroy();

    expect(taken()).toBeGreaterThan(0);
    expect(taken()).toBeLessThan(20_000_000);
    expect(onError).not.toHaveBeenCalled();
  });

  it('a slow reader has the response timeout for each answer on one connection', async () => {
    createLargeMetric();
    const gate = createGate();
    let arrived = 0;
    const auth = (): boolean => {
      // The second request arrives before the first is answered, and its answer has to wait.
      if (++arrived === 2) gate.open();
      return true;
    };
    await start({ auth }, SOON);
    const serverSocket = nextServerSocket();
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    readSlowly(client);
    const [gated, large] = ['gated', 'large'].map((name) =>
      REQUEST.replace('/metrics', `/metrics?name[]=${name}`),
    );
    client.write(`${gated}${large}`);

    await closing(await serverSocket);
    client.destroy();
  });

  it('a slow reader gets the whole answer within the response timeout', async () => {
    createLargeMetric();
    await start({}, { ...LIMITS, idleTimeout: 500 });
    const client = net.connect(server.port, '127.0.0.1');
    const taken = readSlowly(client);
    client.write(LAST_REQUEST);
    await closing(client);

    expect(taken()).toBeGreaterThan(20_000_000);
  });

  it("a slow reader is disconnected from metricsHandler, but not from the application's own answers", async () => {
    createLargeMetric();
    await start();
    const own = Buffer.alloc(20_000_000);
    const handler = createHandler({}, SOON);
    const application = http.createServer((request, response) => {
      if (request.url === '/metrics') handler(request, response);
      else response.end(own);
    });
    application.listen(0, '127.0.0.1');
    await once(application, 'listening');
    const { port } = application.address() as net.AddressInfo;
    const [other, client] = ['/own', '/metrics'].map((path) => {
      const socket = net.connect(port, '127.0.0.1').on('error', () => {});
      socket.write(LAST_REQUEST.replace('/metrics', path));
      return socket;
    }) as [net.Socket, net.Socket];
    const taken = readSlowly(other);
    const takenOfMetrics = readSlowly(client);

    await closing(client);
    expect(takenOfMetrics()).toBeLessThan(20_000_000);
    other.resume().on('data', () => other.resume());
    await closing(other);
    expect(taken()).toBeGreaterThan(own.length);
    await new Promise((resolve) => application.close(resolve));
  });
});

describe('X-Prometheus-Scrape-Timeout-Seconds', () => {
  it('a metric that is not collected within the scrape timeout is left out and counted', async () => {
    const gate = createGate();
    await start();
    const { status, text } = await scrape(0.2);
    expect(status).toBe(200);
    expect(text).toContain('ready 1\n');
    expect(text).not.toMatch(/^gated /m);
    expect(onError.mock.calls).toEqual([[expect.any(Error), 'collect:gated']]);
    expect(String(onError.mock.calls[0]?.[0])).toContain(
      "Metric 'gated' was not collected within 180 ms.",
    );
    gate.open();
    expect((await scrape(0.2)).text).toContain('gated 2\n');
    expect(
      await valueOf(registry, 'thrift_metrics_internal_errors_total', { site: 'collect:gated' }),
    ).toBe(1);
  });

  it('a short scrape timeout does not shorten the wait of other scrapes', async () => {
    const gate = createGate();
    await start();
    const patient = scrape(20);
    await gate.began;
    expect((await scrape(0.1)).text).not.toMatch(/^gated /m);
    gate.open();
    expect((await patient).text).toMatch(/^gated /m);
  });

  it('a scrape is answered with 503 when rendering takes longer than its timeout', async () => {
    class ManyHandler {
      @Timed('many_seconds', { labels: { series: ({ args }) => args[0] as string } })
      static run(_series: string): void {}
    }
    for (let series = 0; series < 9000; series++) ManyHandler.run(String(series));
    await start();
    const { status, text } = await scrape(0.001);
    expect(status).toBe(503);
    expect(text).toBe('the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds\n');
    expect((await scrape()).text).toContain('series="8999"');
  });

  it.each(['', 'abc', '0', '-1', 'NaN', '1e308', '10, 10'])(
    'a scrape timeout of %j limits nothing',
    async (value) => {
      await start();
      const headers = { 'x-prometheus-scrape-timeout-seconds': value };
      expect((await send(`${server.url}/metrics`, { headers })).status).toBe(200);
    },
  );
});
