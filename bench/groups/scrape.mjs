// What a scrape of many series costs, and what the series do to the heap.
import { renderMetrics } from 'thrift-metrics';

import { median, report } from '../measure.mjs';
import { fillOurs, fillPromClient, tags } from '../series.mjs';

const SERIES = 10_000;
const ROUNDS = 7;

function heap() {
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** CPU milliseconds of a render, and the longest time for which it kept the event loop. */
async function cost(render) {
  const cpu = [];
  const blocks = [];
  for (let round = 0; round < ROUNDS; round++) {
    let longest = 0;
    let last = performance.now();
    let running = true;
    const tick = () => {
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (running) setImmediate(tick);
    };
    await new Promise((resolve) => setTimeout(resolve, 50));
    setImmediate(tick);
    const before = process.cpuUsage();
    await render();
    const { user, system } = process.cpuUsage(before);
    running = false;
    await new Promise((resolve) => setImmediate(resolve));
    cpu.push((user + system) / 1000);
    blocks.push(longest);
  }
  return { cpu: median(cpu), block: Math.max(...blocks), usualBlock: median(blocks) };
}

const values = tags(SERIES);
const before = heap();
fillOurs(values);
const bytes = (heap() - before) / SERIES;
const between = heap();
const registry = fillPromClient(values);
const promBytes = (heap() - between) / SERIES;

const ours = await cost(() => renderMetrics({ names: ['thrift_server_latency_seconds'] }));
const prom = await cost(() => registry.metrics());
const linear = {};
for (const count of [1000, 10_000, 100_000]) {
  fillOurs(tags(count));
  await renderMetrics();
  linear[count] = (await cost(() => renderMetrics())).cpu;
}
report({ bytes, promBytes, ours, prom, linear });
