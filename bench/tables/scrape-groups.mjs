// Groups that measure scrapes and the memory of series.
import { ms, row } from './cells.mjs';

const SIZES = [10_000, 100_000];
const TARGET_BYTES = 300;

export const SCRAPE_GROUPS = [
  {
    name: 'scrape',
    table: 'costs',
    seconds: 60,
    run: (measure) => measure.once('scrape'),
    rows: ({ ours, prom, linear }) => {
      const [tenth, one, tenfold] = linear;
      return [
        row(
          'CPU of a scrape, 10,000 histogram series',
          ms(ours.cpu),
          `prom-client: ${ms(prom.cpu)}`,
          `${(prom.cpu / ours.cpu).toFixed(1)} times less`,
          '≥ 10 times less',
          prom.cpu >= 10 * ours.cpu,
        ),
        row(
          'longest event-loop block during that scrape',
          ms(ours.block),
          `prom-client: ${ms(prom.block)}`,
          '',
          '≤ 10 ms',
          ours.block <= 10,
        ),
        row(
          'CPU of a scrape of 1,000, 10,000 and 100,000 series',
          linear.map(ms).join(', '),
          '10 times for 10 times the series',
          `${(one / tenth).toFixed(1)} and ${(tenfold / one).toFixed(1)} times`,
          'linear',
          // Processor caches account for up to half again as much.
          tenfold / one <= 15,
        ),
      ];
    },
  },
  {
    name: 'scrape-latency',
    table: 'costs',
    seconds: 100,
    run: (measure) => measure.once('scrape-latency'),
    rows: ({ ours, none, prom }) => [
      row(
        'p99 of RPC latency, scraped each second with 10,000 series',
        ms(ours),
        `no scrape: ${ms(none)}; prom-client: ${ms(prom)}`,
        `${(ours / none).toFixed(2)} x`,
        '≤ 1.1 x',
        ours <= 1.1 * none,
      ),
    ],
  },
  {
    name: 'memory',
    table: 'memory',
    seconds: 30,
    run: (measure) =>
      SIZES.map((size) => ({
        size,
        ours: measure.medians('memory', 'ours', String(size)),
        prom: measure.medians('memory', 'prom', String(size)),
      })),
    rows: (sizes) =>
      sizes.map(({ size, ours, prom }) =>
        row(
          `a histogram series of 14 buckets, of ${size.toLocaleString('en')}`,
          bytesOf(ours),
          `prom-client: ${bytesOf(prom)}`,
          `${(ours.bytes / prom.bytes).toFixed(2)} x`,
          `≤ ${TARGET_BYTES} bytes`,
          ours.bytes <= TARGET_BYTES,
        ),
      ),
  },
];

function bytesOf({ bytes, heap, arrayBuffers }) {
  const parts = `heap ${heap.toFixed(0)}, array buffers ${arrayBuffers.toFixed(0)}`;
  return `${bytes.toFixed(0)} bytes (${parts})`;
}
