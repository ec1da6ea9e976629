// memory.mjs ours|prom <count>: measures the bytes that a histogram series of 14 buckets takes, on the heap and outside it.
import { report } from '../measure.mjs';
import { createOurs, createPromClient, tags } from '../series.mjs';

const [, , library, count] = process.argv;
const observe = { ours: createOurs, prom: () => createPromClient().observe }[library]();
/** Several, since the first collection may release what held other objects. */
const COLLECTIONS = 5;

async function used() {
  for (let i = 0; i < COLLECTIONS; i++) {
    globalThis.gc();
    // Lets finalizers run.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return { heapUsed, external, arrayBuffers };
}

const series = Number(count);
// The values exist before, as they would in a service. Some other series come first, so that code is not counted.
const values = tags(series);
for (const tag of tags(100)) observe(`first-${tag}`);
const before = await used();
for (const tag of values) observe(tag);
const after = await used();
// Both are still in use, so the collections have not released them.
observe(values[0]);
const per = (name) => (after[name] - before[name]) / series;
// Node.js counts array buffers as a part of `external`.
report({
  bytes: per('heapUsed') + per('external'),
  heap: per('heapUsed'),
  arrayBuffers: per('arrayBuffers'),
});
