// 120 methods in 8 services with the live page, called at known rates. A request to the second port plants trouble: `/hang`,
// `/miss`, `/burst`, `/hold`, `/dependency`, `/fail` or `/block`, and `/callers` a caller. Its answer is when the trouble
// began, in milliseconds since 1970. `/serve` adds a Thrift server that shows every section of a method, and `/private` a
// page behind a token that takes profiles. `/scrapes` lists the requests of the metrics. Prints both ports.
import { subscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import * as thrift from 'thrift';
import {
  configureMetrics,
  instrumentClient,
  Instrumented,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  Objective,
  startMetricsServer,
} from 'thrift-metrics';

import * as Calculator from '../../../examples/calculator/gen-nodejs/Calculator.js';
import { Operation, Work } from '../../../examples/calculator/gen-nodejs/calculator_types.js';

const SERVICES = [
  'Orders',
  'CustomerProfile',
  'Inventory',
  'PaymentAuthorization',
  'Shipping',
  'Search',
  'Recommendations',
  'Notifications',
];

const VERBS = ['get', 'list', 'create', 'update', 'remove'];
const NOUNS = ['Entry', 'DeliveryAddress', 'PaymentMethodWithHistory'];
const METHODS = NOUNS.flatMap((noun) => VERBS.map((verb) => `${verb}${noun}`));

/** What the methods named here do when they are called next. */
const planted = new Map<string, () => Promise<void>>();

@Instrumented({ service: 'Checkout' })
@Objective({ availability: 0.99, latency: { target: 0.9, within: 0.1 } })
class CheckoutHandler {
  async placeOrder(): Promise<void> {
    await planted.get('Checkout.placeOrder')?.();
  }
}

type Handler = Record<string, () => Promise<void>>;

const [, ...generated] = SERVICES;
const checkout = new CheckoutHandler();
const calls = new Map<string, () => Promise<void>>([
  ['Checkout.placeOrder', () => checkout.placeOrder()],
]);
for (const service of [SERVICES[0] as string, ...generated]) {
  const names = service === 'Notifications' ? METHODS.slice(1) : METHODS;
  const handler: Handler = Object.fromEntries(
    names.map((method) => [method, async () => planted.get(`${service}.${method}`)?.()]),
  );
  const instrumented = instrumentHandler(handler, { service });
  for (const method of names) {
    calls.set(`${service}.${method}`, () => (instrumented[method] as () => Promise<void>)());
  }
}

const call = (name: string): Promise<void> => (calls.get(name) as () => Promise<void>)();

async function callOften(name: string, times: number): Promise<void> {
  for (let i = 0; i < times; i++) await call(name).catch(() => {});
}

const failing = (error: Error) => async (): Promise<void> => {
  throw error;
};

function hold(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function callDependency(): Promise<void> {
  // Nothing listens on port 1.
  const connection = thrift.createConnection('127.0.0.1', 1, {});
  connection.on('error', () => {});
  const client = thrift.createClient(Calculator.Client, connection);
  await instrumentClient(client, { name: 'stock', connection }).ping();
}

/** A measured handler whose calls are split by a label, fail with a long message, and differ in their latency. */
function calculatorHandler() {
  const labels = { tier: ({ args }: { args: readonly unknown[] }) => `tier ${String(args[0])}` };
  const handler = {
    async calculate(number: number, { right }: Work): Promise<number> {
      hold(2);
      await sleep(5 * number);
      if (right === 0) throw new RangeError(`out of range of ${'everything'.repeat(30)}`);
      return number;
    },
  };
  return instrumentHandler(handler, { service: 'Calculator', labels });
}

const commands: Readonly<Record<string, () => Promise<void | number>>> = {
  async hang() {
    planted.set('Inventory.getEntry', () => new Promise(() => {}));
    void call('Inventory.getEntry');
    planted.delete('Inventory.getEntry');
    // Others of the same method go on.
    setInterval(() => void call('Inventory.getEntry'), 100);
  },
  async miss() {
    planted.set('Checkout.placeOrder', failing(new Error('card declined by 4111')));
    await callOften('Checkout.placeOrder', 10);
    planted.delete('Checkout.placeOrder');
  },
  async burst() {
    planted.set('Search.getEntry', failing(new TypeError('query is undefined')));
    for (let i = 0; i < 20; i++) {
      await callOften('Search.getEntry', 2);
      await sleep(75);
    }
    planted.delete('Search.getEntry');
  },
  async hold() {
    planted.set('Shipping.getEntry', async () => hold(40));
    await call('Shipping.getEntry');
  },
  async fail() {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    planted.set('PaymentAuthorization.createEntry', failing(refused));
  },
  async dependency() {
    setInterval(() => void callDependency().catch(() => {}), 200);
  },
  async callers() {
    // Its handler is not measured, so it adds no method to the page.
    const handler = { ping: (answer: (error: null) => void) => answer(null) };
    const server = thrift
      .createServer(instrumentService(Calculator), handler)
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connection = thrift.createConnection('127.0.0.1', port, {});
    const client = thrift.createClient(Calculator.Client, connection);
    configureMetrics({ callers: true, callerName: 'basket' });
    instrumentClient(client, { name: 'stock', connection });
    for (let i = 0; i < 5; i++) await client.ping();
  },
  async serve() {
    const server = thrift.createServer(instrumentService(Calculator), calculatorHandler(), {
      transport: thrift.TFramedTransport,
    }) as Server;
    server.on('error', () => {});
    instrumentServer(server).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const connection = thrift.createConnection('127.0.0.1', port, {
      transport: thrift.TFramedTransport,
    });
    const client = thrift.createClient(Calculator.Client, connection);
    for (let i = 0; i < 20; i++) {
      const work = new Work({ left: 1, right: i % 4, op: Operation.ADD });
      await client.calculate(i % 3, work).catch(() => {});
    }
    // Plain HTTP looks to it like a frame that is too long.
    connect(port, '127.0.0.1')
      .on('error', () => {})
      .end('GET / HTTP/1.1\r\n\r\n');
  },
  async private() {
    const auth = { token: 's3cret' };
    return (await startMetricsServer({ port: 0, host: '127.0.0.1', auth, profile: true })).port;
  },
  async block() {
    hold(8000);
  },
};

/** The requests of the metrics so far. */
const scrapes: { readonly url: string; readonly time: number }[] = [];
subscribe('http.server.request.start', (message) => {
  const { url = '' } = (message as { request: IncomingMessage }).request;
  if (url.startsWith('/metrics')) scrapes.push({ url, time: Date.now() });
});

async function main(): Promise<void> {
  configureMetrics({ defaultLabels: { service: 'Shop', version: '2.4.1' } });
  const names = [...calls.keys()];
  await callOften(names[1] as string, 1);
  const metrics = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  // Two thirds of the methods are called, the first ones most often.
  setInterval(() => {
    names.forEach((name, i) => {
      if (i % 3 !== 2 && Math.random() < 30 / (i + 30)) void call(name).catch(() => {});
    });
  }, 100);
  const control = createServer((request, response) => {
    const name = (request.url ?? '').slice(1);
    if (name === 'scrapes') response.end(JSON.stringify(scrapes));
    const command = commands[name];
    const begun = Date.now();
    void command?.().then((result) => response.end(String(result ?? begun)));
  }).listen(0, '127.0.0.1');
  await once(control, 'listening');
  console.log(`page ${metrics.port} control ${(control.address() as AddressInfo).port}`);
}

void main();
