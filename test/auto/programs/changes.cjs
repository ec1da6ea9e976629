// Does one thing with the package, and prints as JSON what changed in objects that do not belong to the package: their own
// properties and listeners, subscriptions, environment variables, and the timers that were started.
const cluster = require('node:cluster');
const diagnosticsChannel = require('node:diagnostics_channel');
const { builtinModules } = require('node:module');
const net = require('node:net');
const { join, sep } = require('node:path');
const { isMainThread, Worker } = require('node:worker_threads');

const promClient = require('prom-client');
const thrift = require('thrift');
const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js');

const DIST = join(__dirname, '../../../dist');
const CHANNELS = [
  'child_process',
  'worker_threads',
  'net.client.socket',
  'net.server.socket',
  'tracing:net.server.listen:asyncStart',
];
/** Modules of Node.js that print warnings, or whose properties do something when they are read. */
const SKIPPED = /^(?:_|node:|internal|punycode|sys$|inspector|wasi|trace_events|sqlite|test)/;
/** The graph and cache of modules, and what the package keeps for itself. */
const IGNORED =
  /(?:^|\.)(?:_cache|_pathCache|cache|children|parent|_preloadModules|moduleLoadList|_eventsCount|_readableState|Symbol\(kIsExecuting\)|mainModule\.loaded|Symbol\(thrift-metrics\.(?:runtime|listener)\.\d\)\..*)(?:\.|$)/;
const DEEPEST = 7;

const [, , step] = process.argv;
/** Objects of the program, by the names under which changes are printed. */
const kept = Object.fromEntries(
  CHANNELS.map((name) => [`channel ${name}`, diagnosticsChannel.channel(name)]),
);
const timers = watchTimers();

async function runStep() {
  const run = STEPS[step]();
  const before = snapshot();
  const subscribed = subscribedChannels();
  await run();
  // What the package does in the next turn counts too.
  setImmediate(() => setImmediate(() => finish(before, subscribed)));
}

function load(name = 'index.js') {
  return require(join(DIST, name));
}

/** Each step prepares something, and returns what to do. */
const STEPS = {
  import: () => load,
  'import in a cluster worker': () => load,
  'import in a worker thread': () => load,
  '`thrift-metrics/auto`'() {
    process.env.THRIFT_METRICS_PORT = '0';
    return () => load('auto.js');
  },
  '`@Instrumented`'() {
    const { Instrumented } = load();
    kept['the class'] = class CalculatorHandler {
      add() {}
    };
    return () => void Instrumented(kept['the class']);
  },
  '`instrumentHandler`'() {
    const { instrumentHandler } = load();
    kept['the handler'] = { add: (a, b) => a + b };
    return () => void instrumentHandler(kept['the handler'], { service: 'Calculator' });
  },
  '`instrument`'() {
    const { instrument } = load();
    kept['the function'] = (a, b) => a + b;
    return () => void instrument(kept['the function'], { service: 'Calculator', method: 'add' });
  },
  '`instrumentService`'() {
    const { instrumentService } = load();
    kept['the handler'] = { add: (a, b) => a + b };
    return () => {
      const { Processor } = instrumentService(Calculator);
      return new Processor(kept['the handler']);
    };
  },
  '`instrumentServer`'() {
    const { instrumentServer } = load();
    kept['the server'] = thrift.createServer(Calculator, {});
    return () => void instrumentServer(kept['the server']);
  },
  '`instrumentClient`'() {
    const { instrumentClient } = load();
    const connection = new thrift.Connection(new net.Socket(), {});
    kept['the connection'] = connection;
    kept['the client'] = thrift.createClient(Calculator, connection);
    return () => void instrumentClient(kept['the client'], { connection });
  },
  '`startMetricsServer`'() {
    const { startMetricsServer } = load();
    return () => startMetricsServer({ port: 0 });
  },
};

function watchTimers() {
  const started = [];
  const module = require('node:timers');
  for (const name of ['setTimeout', 'setInterval']) {
    const original = module[name];
    const watched = (run, delay, ...rest) => {
      if (new Error('stack').stack.includes(DIST + sep)) started.push(`${name} of ${delay} ms`);
      return original(run, delay, ...rest);
    };
    module[name] = globalThis[name] = Object.assign(watched, original);
  }
  return started;
}

/** Records the own properties of every object that can be reached from globals, modules of Node.js and loaded packages. */
function snapshot() {
  const found = new Map();
  const queue = [
    ...Object.entries(kept),
    ['thrift', thrift],
    ['Calculator', Calculator],
    ['the registry', promClient.register],
    ['prom-client', promClient],
    ['globalThis', globalThis],
    ...builtinModules.filter((name) => !SKIPPED.test(name)).map((name) => [name, require(name)]),
  ];
  for (const [path, object] of queue) {
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) continue;
    if (found.has(object) || path.split('.').length > DEEPEST || IGNORED.test(path)) continue;
    const properties = propertiesOf(object);
    found.set(object, { path, properties });
    for (const [key, property] of properties) {
      // Accessors are not called.
      if ('value' in property) queue.push([`${path}.${String(key)}`, property.value]);
    }
    queue.push([`${path}.__proto__`, Object.getPrototypeOf(object)]);
  }
  return found;
}

function propertiesOf(object) {
  const properties = new Map();
  for (const key of Reflect.ownKeys(object)) {
    const property = Reflect.getOwnPropertyDescriptor(object, key);
    if (property !== undefined) properties.set(key, property);
  }
  return properties;
}

function subscribedChannels() {
  return CHANNELS.filter((name) => diagnosticsChannel.channel(name).hasSubscribers);
}

function finish(before, subscribed) {
  const changes = [];
  for (const [object, { path, properties }] of before) {
    const now = propertiesOf(object);
    for (const key of new Set([...properties.keys(), ...now.keys()])) {
      const name = `${path}.${String(key)}`;
      if (!IGNORED.test(name) && !isSame(properties.get(key), now.get(key))) changes.push(name);
    }
  }
  const channels = subscribedChannels().filter((name) => !subscribed.includes(name));
  console.log(JSON.stringify({ changes, channels, timers }));
  process.exit();
}

function isSame(a, b) {
  if (a === undefined || b === undefined) return a === b;
  return ['value', 'get', 'set', 'writable', 'enumerable', 'configurable'].every((key) =>
    Object.is(a[key], b[key]),
  );
}

if (step === 'import in a cluster worker' && cluster.isPrimary) cluster.fork();
else if (step === 'import in a worker thread' && isMainThread) {
  new Worker(__filename, { argv: [step] });
} else void runStep();
