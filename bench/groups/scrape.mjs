// Measures the cost of a scrape of many series.
import { renderMetrics } from 'thrift-metrics';

import { isQuick, median, report } from '../measure.mjs';
import { fillOurs, fillPromClient, tags } from '../series.mjs';

const SERIES = 10_000;
const ROUNDS = isQuick ? 1 : 7;

/** Measures the CPU time of a render and its longest block of the event loop, in milliseconds. */
async function cost(render) {
  const cpu = [];
  const blocks = [];
  for (let round = 0; round < ROUNDS; round++) {
    let longest = 0;
    let last = 0;
    let running = true;
    const tick = () => {
      // Runs once per turn of the event loop: the time between two turns is what other code has to wait.
      const now = performance.now();
      longest = Math.max(longest, now - last);
      last = now;
      if (running) setImmediate(tick);
    };
    await new Promise((resolve) => setTimeout(resolve, 50));
    last = performance.now();
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

const render = () => renderMetrics({ names: ['thrift_server_latency_seconds'] });

fillOurs(tags(SERIES / 10));
const tenth = await cost(render);
fillOurs(tags(SERIES));
const registry = fillPromClient(tags(SERIES));
const ours = await cost(render);
const prom = await cost(() => registry.metrics());
fillOurs(tags(SERIES * 10));
const tenfold = await cost(render);
report({ ours, prom, linear: [tenth.cpu, ours.cpu, tenfold.cpu] });
