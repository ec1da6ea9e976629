// Shared by the programs in this folder: an instrumented handler, and the commands that a message can have.
import { runAt } from './settable-date.mjs';
import { BroadcastChannel, threadId } from 'node:worker_threads';
import { Counter, Gauge, register } from 'prom-client';
import { configureMetrics, instrumentHandler } from 'thrift-metrics';

/** The sites of the reported faults. */
export const reports = [];
configureMetrics({ defaultLabels: { env: 'test' }, onError: (_error, site) => reports.push(site) });

const NO_METRICS = { counted: false, timed: false, errorsCounted: false, inFlight: false };

const handler = instrumentHandler({ add: (a, b) => a + b }, { service: 'Calculator' });
const wide = instrumentHandler(
  { wide: (key) => key },
  {
    ...NO_METRICS,
    service: 'Wide',
    counted: { name: 'wide_total', labels: { key: ({ args }) => String(args[0]) } },
  },
);

/** Calls a handler, or writes numbers where calls would write them, so that a test knows the expected result. */
export function obey(message) {
  const { configure, declare, times, keys, observe, set, age, exemplars, gauge, counter } = message;
  const { say, freeze, hang, registryLabels } = message;
  if (registryLabels !== undefined) register.setDefaultLabels(registryLabels);
  if (configure !== undefined) configureMetrics(configure);
  if (declare !== undefined) {
    const { service = 'Declared', ...metrics } = declare;
    instrumentHandler({ run() {} }, { ...NO_METRICS, service, ...metrics });
  }
  for (let i = 0; i < (times ?? 0); i++) handler.add(i, 1);
  for (let key = 0; key < (keys ?? 0); key++) wide.wide(key);
  for (const [name, values] of Object.entries(observe ?? {})) {
    for (const value of values) cellOf(name).observe(value);
  }
  for (const [name, value] of Object.entries(set ?? {})) cellOf(name).value = Number(value);
  if (age !== undefined) {
    const { sources } = cellOf('thrift_server_oldest_active_request_seconds');
    sources.add({ oldestSeconds: () => age, clear() {} });
  }
  for (const { trace, at, metric, value } of exemplars ?? []) record(trace, at, metric, value);
  if (gauge !== undefined) {
    const { value, ...options } = gauge;
    new Gauge({ help: 'x', ...options }).set(value);
  }
  if (counter !== undefined) {
    const { value, ...options } = counter;
    new Counter({ help: 'x', ...options }).inc(value);
  }
  for (const each of say ?? []) sayToAll(each);
  if (freeze !== undefined) afterChunks(freeze, stop);
  if (hang === true) stop();
}

/** Records as a call would at this time, in seconds, within this trace. */
function record(trace, at, metric, value) {
  runAt(at * 1000, () => {
    configureMetrics({ exemplar: () => ({ trace_id: trace }) });
    if (value === undefined)
      cellOf(metric).countWithExemplar({ labels: () => ({ trace_id: trace }) });
    else cellOf(metric).observe(value);
    configureMetrics({ exemplar: null });
  });
}

function cellOf(name) {
  const series = [...register.getSingleMetric(name).series()];
  return series.find(({ labels }) => labels.thrift_success !== 'false').cell;
}

/** Blocks the event loop forever, as an endless loop does. */
function stop() {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Sends a message on every channel that thrift-metrics uses. */
function sayToAll(message) {
  process.send?.(message);
  for (const name of ['1', '2', '3', `3.${threadId}`]) {
    const channel = new BroadcastChannel(`thrift-metrics.workers.${name}`);
    channel.postMessage(message);
    channel.close();
  }
}

function afterChunks(count, action) {
  let chunks = 0;
  onChunk(() => {
    if (++chunks === count) action();
  });
}

/** Calls the listener each time a chunk of a report was sent. */
export function onChunk(listener) {
  const [target, method] =
    process.send === undefined ? [BroadcastChannel.prototype, 'postMessage'] : [process, 'send'];
  const send = target[method];
  target[method] = function (message, ...rest) {
    const result = send.call(this, message, ...rest);
    if (message?.type === 'thrift-metrics.3:chunk') listener();
    return result;
  };
}

let turn = 0;
const turnsWithChunks = [];

/** Records from now on the turn of the event loop in which each chunk is sent. */
export function watchTurns() {
  const next = () => {
    turn++;
    setImmediate(next).unref();
  };
  next();
  onChunk(() => turnsWithChunks.push(turn));
  return turnsWithChunks;
}
