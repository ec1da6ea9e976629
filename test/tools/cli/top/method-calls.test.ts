import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { Registry } from 'prom-client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrument,
  metricsHandler,
  startMetricsServer,
} from '../../../../src/index';
import type { CallsDocument } from '../../../../src/tools/page/browser/calls-protocol';
import { HIDDEN_FROM_READER } from '../../../../src/tools/hidden-details';
import { Instance } from '../../../../src/tools/cli/top/instance';
import { MethodCalls } from '../../../../src/tools/cli/top/method-calls';

const OPTIONS = { headers: {}, insecure: false, timeout: 10 };
const OPENED = { service: 'Opened', method: 'hang', isClient: false };

beforeEach(() => configureMetrics({ registry: new Registry() }));

async function startHanging(calls: number): Promise<void> {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const hang = instrument(() => opened, { service: OPENED.service, method: OPENED.method });
  const all = Array.from({ length: calls }, () => hang());
  onTestFinished(async () => {
    open();
    await Promise.all(all);
  });
}

async function linesOf(instance: Instance, expected: RegExp): Promise<string[]> {
  const calls = new MethodCalls();
  return vi.waitFor(async () => {
    expect(await calls.refresh(OPENED, [instance])).toBe(true);
    const lines = calls.lines();
    expect(lines.join('\n')).toMatch(expected);
    return lines;
  });
}

test('the calls of the open method are listed, the oldest ten and the number of others', async () => {
  await startHanging(12);
  const { url, close } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(close);
  const lines = await linesOf(new Instance(new URL(`${url}/metrics`), OPTIONS), /and 2 more/);
  expect(lines.filter((line) => line.includes(String(process.pid)))).toHaveLength(10);
});

test('metricsHandler has the calls below its own path', async () => {
  await startHanging(1);
  const handler = metricsHandler();
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/app/metrics') === true) handler(request, response);
    else response.writeHead(404).end('nothing here');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/app/metrics`);
  await linesOf(new Instance(url, OPTIONS), new RegExp(`${process.pid}`));
});

test('an endpoint that does not answer with calls is named, with what to do about it', async () => {
  const server = http.createServer((_request, response) => void response.end('up 1'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const instance = new Instance(new URL(`http://127.0.0.1:${port}/metrics`), OPTIONS);
  await linesOf(
    instance,
    /has no calls to show, because it does not run this version .* Update it/,
  );
});

test('nothing is asked for while no method is open', async () => {
  const calls = new MethodCalls();
  expect(await calls.refresh(undefined, [])).toBe(false);
  expect(calls.lines()).toEqual([]);
});

/** Starts an endpoint that answers every request with this document, and returns an instance of it. */
async function instanceThatAnswers(status: number, answer: unknown): Promise<Instance> {
  const server = http.createServer((_request, response) => {
    const type = typeof answer === 'string' ? 'text/plain' : 'application/json';
    const body = typeof answer === 'string' ? answer : JSON.stringify(answer);
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return new Instance(new URL(`http://127.0.0.1:${port}/metrics`), OPTIONS);
}

const EMPTY: CallsDocument = {
  form: 'thrift-metrics.calls.1',
  time: '2026-11-29T20:00:00.000Z',
  enabled: true,
  hidden: null,
  partial: null,
  processes: [],
  inProgress: { total: 0, calls: [] },
  methods: [],
  omitted: 0,
};

test('an endpoint that keeps no calls is not described as one without calls in progress', async () => {
  await startHanging(1);
  configureMetrics({ calls: false });
  onTestFinished(() => configureMetrics({ calls: true }));
  const { url, close } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(close);
  const lines = await linesOf(new Instance(new URL(`${url}/metrics`), OPTIONS), /./);
  expect(lines).toEqual(['Calls are not kept because the setting calls is off.']);
});

test('notes below the list say what is missing from it: processes, the rest of the program, and details', async () => {
  await startHanging(1);
  const { url, close } = await startMetricsServer({ port: 0 });
  onTestFinished(close);
  const open = await linesOf(new Instance(new URL(`${url}/metrics`), OPTIONS), /PROCESS/);
  expect(open.at(-1)).toBe(HIDDEN_FROM_READER);
  const lost = { pid: 4711, worker: null, thread: 0, answered: false };
  const partial = 'Only a part.\u001b[2J';
  const instance = await instanceThatAnswers(200, { ...EMPTY, partial, processes: [lost] });
  expect(await linesOf(instance, /./)).toEqual([
    'No call in progress was found.',
    'No answer from process 4711: the event loop of a process that does not answer may be blocked.',
    'Only a part.\\u{1b}[2J',
  ]);
});

test('an endpoint that refuses to answer is named with its reason', async () => {
  const instance = await instanceThatAnswers(503, 'too many different calls are asked for');
  const [line] = await linesOf(instance, /./);
  expect(line).toMatch(/answers with 503 .* It says: too many different calls are asked for$/);
});

test.each([
  { ...EMPTY, inProgress: { total: 1, calls: [{ age: 'old' }] } },
  { ...EMPTY, processes: null },
  { ...EMPTY, partial: 7 },
  [],
])('an answer of another form is not shown: %j', async (answer) => {
  await linesOf(await instanceThatAnswers(200, answer), /has no calls to show/);
});

test('keys that are pressed while instances are asked do not ask them again', async () => {
  let asked = 0;
  const server = http.createServer((_request, response) => {
    asked++;
    setImmediate(() => response.end(JSON.stringify(EMPTY)));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const instances = [new Instance(new URL(`http://127.0.0.1:${port}/metrics`), OPTIONS)];
  const calls = new MethodCalls();
  const first = calls.refresh(OPENED, instances);
  expect(await calls.refresh(OPENED, instances)).toBe(false);
  expect(await first).toBe(true);
  expect(asked).toBe(1);
  expect(await calls.refresh(OPENED, instances)).toBe(true);
});
