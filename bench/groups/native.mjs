import { loadSource } from '../load-source.mjs';
import { compare, report } from '../measure.mjs';

const { HistogramStore, NativeBuckets } = await loadSource(
  'metrics/histogram-store',
  'metrics/native-buckets',
);

const BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const store = new HistogramStore();
const classic = store.create(store.shapeOf(BUCKETS));
const native = store.create(store.shapeOf(BUCKETS));
native.native = new NativeBuckets(3, 160);
// Realistic latencies, around two milliseconds.
const values = Float64Array.from({ length: 1024 }, () => 0.002 * Math.exp(Math.random() - 0.5));
let n = 0;

report(
  await compare({
    classic: () => classic.observe(values[n++ & 1023]),
    native: () => native.observe(values[n++ & 1023]),
  }),
);
