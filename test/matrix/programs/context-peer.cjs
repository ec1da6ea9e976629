// Serves the library service over every kind of connection, and calls services like it. Reads a command in JSON from each
// line of its input, and answers with a line of JSON. It is copied into a folder with the generated code and the packages
// that it needs.
//
// usage: context-peer.cjs ES5|ES6 [FOLDER]: is traced if the folder of the built package is given
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { createInterface } = require('node:readline');
const thrift = require('thrift');

const [, , style, dist] = process.argv;

// Output of compilers before 0.24 reads `thrift.Q` once, when it is loaded. Thrift had it before 0.24.
if (!Object.hasOwn(thrift, 'Q')) thrift.Q = require('q');
console.warn = () => {};
thrift.setLogFunc?.(() => {});
const Library = require('./generated/Library.js');
const { Refused } = require('./generated/library_types.js');

const HOST = '127.0.0.1';
const PATH = '/library';

/** In callback style, which works in the output of every compiler. */
const handler = {
  ping: (result) => result(null),
  twice(number, result) {
    if (number < 0) result(new Refused({ why: 'negative' }));
    else result(null, 2 * number);
  },
  divide(left, right, result) {
    if (right === 0) result(new Error('by zero'));
    else result(null, left / right);
  },
  note() {},
};

/** Each kind of connection: how to create a server, and a connection to it. */
const KINDS = {
  tcp: [
    (service, served, options) => thrift.createServer(service, served, options),
    (port, options) => thrift.createConnection(HOST, port, options),
  ],
  http: [
    createWebServer,
    (port, options) => thrift.createHttpConnection(HOST, port, { path: PATH, ...options }),
  ],
  websocket: [
    createWebServer,
    (port, options) => {
      const connection = thrift.createWSConnection(HOST, port, { path: PATH, ...options });
      connection.open();
      return connection;
    },
  ],
  multiplexed: [
    (service, served, options) => {
      const processor = new thrift.MultiplexedProcessor();
      processor.registerProcessor('library', new (service.Processor ?? service)(served));
      return thrift.createMultiplexServer(processor, options);
    },
    (port, options) => thrift.createConnection(HOST, port, options),
  ],
};

const WIRES = Object.keys(KINDS).flatMap((kind) =>
  ['TFramedTransport', 'TBufferedTransport'].flatMap((transport) =>
    ['TBinaryProtocol', 'TCompactProtocol', 'TJSONProtocol'].map((protocol) => ({
      name: `${kind} ${transport} ${protocol}`,
      kind,
      options: { transport: thrift[transport], protocol: thrift[protocol] },
    })),
  ),
);

const instrumentation = dist === undefined ? null : startTracing();

void main();

async function main() {
  const ports = {};
  for (const wire of WIRES) ports[wire.name] = await serve(wire);
  print({ ports });
  for await (const line of createInterface(process.stdin)) {
    const { call, spans } = JSON.parse(line);
    if (call !== undefined) {
      const outcomes = {};
      for (const wire of WIRES) outcomes[wire.name] = await callService(wire, call[wire.name]);
      print({ outcomes });
    } else print({ spans: await instrumentation.take(spans) });
  }
  process.exit();
}

function print(value) {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

async function serve({ name, kind, options }) {
  const [createServer] = KINDS[kind];
  const service = instrumentation?.service ?? Library;
  const served = instrumentation?.handlerOf(name) ?? handler;
  const server = createServer(service, served, options);
  server.on('error', (error) => console.error(error));
  await new Promise((resolve) => {
    server.listen(0, HOST, resolve);
  });
  return server.address().port;
}

function createWebServer(processor, served, options) {
  return thrift.createWebServer({
    services: { [PATH]: { processor, handler: served, ...options } },
  });
}

async function callService({ name, kind, options }, port) {
  const [, connect] = KINDS[kind];
  const connection = connect(port, options);
  connection.on('error', (error) => console.error(error));
  const bare =
    kind === 'multiplexed'
      ? new thrift.Multiplexer().createClient('library', Library, connection)
      : thrift.createClient(Library, connection);
  const client = instrumentation?.instrument(bare, name) ?? bare;
  const outcomes = [];
  for (const [method, ...args] of [
    ['twice', 21],
    ['twice', -1],
    ['divide', 1, 0],
    ['ping'],
    ['note', 'text'],
    ['twice', 2],
  ])
    outcomes.push(await outcomeOf(client, method, args));
  if (kind === 'websocket') connection.close();
  else connection.end?.();
  return outcomes;
}

async function outcomeOf(client, method, args) {
  try {
    return (await callMethod(client, method, args)) ?? null;
  } catch (error) {
    return { why: error.why ?? error.message };
  }
}

/** Clients in ES6 output return promises, clients in ES5 output take a callback. */
function callMethod(client, method, args) {
  if (style === 'ES6') return client[method](...args);
  return new Promise((resolve, reject) => {
    client[method](...args, (error, result) => (error ? reject(error) : resolve(result)));
  });
}

function startTracing() {
  const load = createRequire(join(dist, 'index.js'));
  const { instrumentClient, instrumentHandler, instrumentService } = load('./index.js');
  const { enableTracing } = load('./opentelemetry.js');
  const { NodeTracerProvider } = load('@opentelemetry/sdk-trace-node');
  const ended = [];
  let check = () => {};
  const processor = {
    onStart() {},
    onEnd(span) {
      ended.push(span);
      check();
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  new NodeTracerProvider({ spanProcessors: [processor] }).register();
  enableTracing({
    attributes: ({ kind, clientName, service }) => ({
      wire: kind === 'client' ? clientName : service,
    }),
  });
  return {
    service: instrumentService(Library),
    handlerOf: (name) => instrumentHandler(handler, { service: name }),
    instrument: (client, name) => instrumentClient(client, { name }),
    /** Returns the spans once so many have ended, and forgets them. */
    async take(count) {
      if (ended.length < count) {
        await new Promise((resolve) => {
          check = () => {
            if (ended.length >= count) resolve();
          };
        });
      }
      return ended.splice(0).map((span) => ({
        wire: span.attributes.wire,
        method: span.attributes['rpc.method'].split('/').at(-1),
        isServer: span.kind === 1,
        traceId: span.spanContext().traceId,
        spanId: span.spanContext().spanId,
        parentSpanId: span.parentSpanContext?.spanId ?? null,
      }));
    },
  };
}
