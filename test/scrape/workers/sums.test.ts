import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { nativeCounts, parseProtobuf, type ReadFamily, type ReadMetric } from '../read-protobuf';
import { KINDS, OPENMETRICS, PROTOBUF, TEXT, Workers } from './start-workers';

const FORMATS = [TEXT, OPENMETRICS, PROTOBUF];

const histogram = { timed: { name: 'own_seconds', buckets: [1, 2, 4] } };
const native = { timed: { ...histogram.timed, native: true } };
const summary = { timed: { name: 'own_seconds', quantiles: [0.5, 0.99] } };

describe.each(KINDS)('%s', (kind) => {
  let workers: Workers;
  beforeEach(async () => {
    workers = new Workers(kind);
    await workers.fork(2);
  });
  afterEach(() => workers.stop());

  /** Sends each worker one of the messages. */
  async function sendEach(...messages: object[]): Promise<void> {
    for (const [to, message] of messages.entries()) await workers.tell({ to, ...message });
  }

  /** The samples of successful calls, with only the labels to keep. */
  async function samples(accept: string, kept: RegExp, name = 'own_seconds'): Promise<string[]> {
    const { body } = await workers.scrape(accept, [name]);
    const lines = body
      .split('\n')
      .filter((line) => /^[a-z]/.test(line) && !/^\w+_created\b/.test(line));
    return lines
      .filter((line) => !line.includes('thrift_success="false"'))
      .map((line) => {
        const [, sample = '', labels = '', rest = ''] = /^(\w+)\{(.*?)\}(.*)$/.exec(line) ?? [];
        return `${sample}${labels.match(kept)?.[0] ?? ''}${rest}`;
      });
  }

  async function protobuf(name = 'own_seconds'): Promise<ReadMetric> {
    const { body } = await workers.scrape(PROTOBUF, [name]);
    const families: ReadFamily[] = parseProtobuf(Buffer.from(body, 'latin1'));
    // Histograms with native buckets and without are in messages of their own.
    expect(new Set(families.map((family) => family.name))).toEqual(new Set([name]));
    const metrics = families
      .flatMap(({ metric = [] }) => metric)
      .filter(({ label = [] }) => !label.some((pair) => pair.value === 'false'));
    expect(metrics).toHaveLength(1);
    return metrics[0] as ReadMetric;
  }

  it('a sum starts with the earliest of its workers', async () => {
    const createdIn = async () => {
      const { body } = await workers.scrape(OPENMETRICS, ['own_seconds']);
      const [, created] =
        /^own_seconds_created{.*?thrift_success="true".*?} (\S+)$/m.exec(body) ?? [];
      return Number(created);
    };
    await workers.tell({ to: 0, declare: histogram, observe: { own_seconds: [1] } });
    const first = await createdIn();
    expect(Math.abs(first - Date.now() / 1000)).toBeLessThan(60);
    await workers.tell({ to: 1, declare: histogram, observe: { own_seconds: [1] } });
    expect(await createdIn()).toBe(first);
    const { histogram: read } = await protobuf();
    const { seconds = 0, nanos = 0 } = read?.createdTimestamp ?? {};
    expect(seconds + nanos / 1e9).toBeCloseTo(first, 3);
  });

  it('a sum keeps the default labels of this package and counts once if workers replace those of their registry', async () => {
    const registryLabels = { env: 'other', app: 'nest' };
    await sendEach({ registryLabels, times: 3 }, { times: 4, registryLabels });
    const { body } = await workers.scrape(TEXT, ['thrift_server_requests_total']);
    const lines = body
      .split('\n')
      .filter((line) => line.startsWith('thrift_server_requests_total{'));
    const counted = lines.filter((line) => !line.endsWith(' 0'));
    expect(counted).toEqual([expect.stringMatching(/ 7$/)]);
    expect(counted[0]).toContain('env="test"');
    expect(counted[0]).toContain('app="nest"');
  });

  describe('the sum of a histogram', () => {
    it('the sum of a histogram has the counts of all buckets, in every format', async () => {
      await sendEach(
        { declare: histogram, observe: { own_seconds: [0.5, 1.5, 1.5, 100] } },
        { declare: histogram, observe: { own_seconds: [1, 3] } },
      );
      const sums = ['own_seconds_sum 107.5', 'own_seconds_count 6'];
      expect(await samples(TEXT, /le=".*?"/)).toEqual(
        [
          'own_secondsle="1" 2',
          'own_secondsle="2" 4',
          'own_secondsle="4" 5',
          'own_secondsle="+Inf" 6',
        ]
          .map((line) => line.replace('seconds', 'seconds_bucket'))
          .concat(sums),
      );
      expect(await samples(OPENMETRICS, /le=".*?"/)).toEqual([
        'own_seconds_bucketle="1.0" 2',
        'own_seconds_bucketle="2.0" 4',
        'own_seconds_bucketle="4.0" 5',
        'own_seconds_bucketle="+Inf" 6',
        ...sums,
      ]);
      const { histogram: read } = await protobuf();
      expect(read).toMatchObject({ sampleCount: 6, sampleSum: 107.5 });
      expect(read?.bucket?.map((bucket) => [bucket.upperBound, bucket.cumulativeCount])).toEqual([
        [1, 2],
        [2, 4],
        [4, 5],
        [Infinity, 6],
      ]);
      expect(read?.schema).toBeUndefined();
    });

    it('the sum of histograms with different buckets has their common buckets, with exact counts', async () => {
      const other = { timed: { name: 'own_seconds', buckets: [0.5, 2, 4, 8] } };
      await sendEach(
        { declare: histogram, observe: { own_seconds: [0.25, 0.75, 1.5, 3, 9] } },
        { declare: other, observe: { own_seconds: [0.25, 1.5, 3, 7, 9] } },
      );
      const expected = [
        'own_seconds_bucketle="2" 5',
        'own_seconds_bucketle="4" 7',
        'own_seconds_bucketle="+Inf" 10',
        'own_seconds_sum 35.25',
        'own_seconds_count 10',
      ];
      expect(await samples(TEXT, /le=".*?"/)).toEqual(expected);
      // The same holds after the workers are gone.
      for (const to of [0, 1]) await workers.tell({ to, kill: true });
      expect(await samples(TEXT, /le=".*?"/)).toEqual(expected);
    });

    it('the sum of a histogram has all buckets if the other workers observed nothing', async () => {
      await workers.tell({ declare: { timed: { name: 'own_seconds', buckets: [7] } } });
      await sendEach(
        { declare: histogram, observe: { own_seconds: [1.5] } },
        { declare: { timed: { name: 'own_seconds', buckets: [0.1] } } },
      );
      expect((await samples(TEXT, /le=".*?"/)).slice(0, 4)).toEqual([
        'own_seconds_bucketle="1" 0',
        'own_seconds_bucketle="2" 1',
        'own_seconds_bucketle="4" 1',
        'own_seconds_bucketle="+Inf" 1',
      ]);
    });
  });

  describe('the sum of native buckets', () => {
    const coarse = { nativeHistograms: { resolution: 0 } };
    const fine = { nativeHistograms: { resolution: 2 } };

    it('native buckets are added one by one', async () => {
      await sendEach(
        { configure: coarse, declare: native, observe: { own_seconds: [0, 1, 3, 8] } },
        { configure: coarse, declare: native, observe: { own_seconds: [0, 0, 0.25, 4] } },
      );
      const { histogram: read } = await protobuf();
      expect(read).toMatchObject({ schema: 0, zeroCount: 3, sampleCount: 8 });
      // Bucket i holds values above 2^(i-1), up to 2^i.
      const expected = new Map([
        [-2, 1],
        [0, 1],
        [2, 2],
        [3, 1],
      ]);
      expect(nativeCounts(read ?? never())).toEqual(expected);
    });

    it('the sum of native buckets has the coarser resolution, in whichever order they are added', async () => {
      await sendEach(
        // Within a factor of two there are four buckets at resolution 2, and one at 0.
        { configure: fine, declare: native, observe: { own_seconds: [2.1, 2.5, 2.9, 3.9, 4.1] } },
        { configure: coarse, declare: native, observe: { own_seconds: [3] } },
      );
      const expected = new Map([
        [2, 5],
        [3, 1],
      ]);
      // The values of a worker that is gone are added first.
      for (const kill of [false, true]) {
        if (kill) await workers.tell({ to: 1, kill });
        const { histogram: read } = await protobuf();
        expect(read?.schema).toBe(0);
        expect(nativeCounts(read ?? never())).toEqual(expected);
      }
    });

    it('the sum of native buckets respects maxBuckets', async () => {
      const configure = { nativeHistograms: { resolution: 0, maxBuckets: 2 } };
      await sendEach(
        { configure, declare: native, observe: { own_seconds: [1, 2] } },
        { configure, declare: native, observe: { own_seconds: [4, 8] } },
      );
      const { histogram: read } = await protobuf();
      // At resolution -1 there would be three: up to 1, 4 and 16.
      expect(read?.schema).toBe(-2);
      const expected = new Map([
        [0, 1],
        [1, 3],
      ]);
      expect(nativeCounts(read ?? never())).toEqual(expected);
    });

    it('native buckets are left out if some workers have none, because they would contradict the count', async () => {
      await sendEach(
        { declare: native, observe: { own_seconds: [1] } },
        { declare: histogram, observe: { own_seconds: [1] } },
      );
      const { histogram: read } = await protobuf();
      expect(read).toMatchObject({ sampleCount: 2 });
      expect(read?.schema).toBeUndefined();
    });
  });

  describe('the sum of a summary', () => {
    const low = Array.from({ length: 50 }, (_, i) => i + 1);
    const high = low.map((value) => value + 50);

    it('the sum of a summary has the quantiles of all observations, in every format', async () => {
      await sendEach(
        { declare: summary, observe: { own_seconds: low } },
        { declare: summary, observe: { own_seconds: high } },
      );
      for (const accept of FORMATS) {
        const quantiles =
          accept === PROTOBUF
            ? (await protobuf()).summary?.quantile?.map(({ value }) => value)
            : (await samples(accept, /quantile=".*?"/))
                .filter((line) => line.includes('quantile'))
                .map((line) => Number(line.split(' ')[1]));
        expect(quantiles).toHaveLength(2);
        // Within 1 % of 50 and 99.
        expect(Math.abs((quantiles?.[0] as number) - 50)).toBeLessThanOrEqual(0.5);
        expect(Math.abs((quantiles?.[1] as number) - 99)).toBeLessThanOrEqual(0.99);
      }
      expect((await protobuf()).summary).toMatchObject({ sampleCount: 100, sampleSum: 5050 });
    });

    it('the sum of a summary keeps the count and sum of a worker that is gone, but not its window', async () => {
      await sendEach(
        { declare: summary, observe: { own_seconds: low } },
        { declare: summary, observe: { own_seconds: high } },
      );
      await workers.scrape(TEXT);
      await workers.tell({ to: 1, kill: true });
      const { summary: read } = await protobuf();
      expect(read).toMatchObject({ sampleCount: 100, sampleSum: 5050 });
      expect(Math.abs((read?.quantile?.[1]?.value as number) - 50)).toBeLessThanOrEqual(0.5);
    });

    it('the sum of a summary has no quantiles if the workers have different ones', async () => {
      const other = { timed: { name: 'own_seconds', quantiles: [0.9] } };
      await sendEach(
        { declare: summary, observe: { own_seconds: [1] } },
        { declare: other, observe: { own_seconds: [2] } },
      );
      expect(await samples(TEXT, /quantile=".*?"/)).toEqual([
        'own_seconds_sum 3',
        'own_seconds_count 2',
      ]);
    });
  });

  describe('exemplars of a sum', () => {
    const total = { counted: { name: 'own_total' } };
    const exemplar = (trace: string, at: number, metric: string, value?: number) => ({
      exemplars: [{ trace, at, metric, value }],
    });

    it('a sum has the newest exemplar of each bucket and counter', async () => {
      for (const declare of [histogram, total]) await sendEach({ declare }, { declare });
      await sendEach(
        exemplar('a', 1001, 'own_seconds', 0.5),
        exemplar('b', 1000, 'own_seconds', 0.7),
      );
      await sendEach(
        exemplar('c', 1002, 'own_seconds', 3),
        exemplar('d', 1003, 'own_seconds', 3.5),
      );
      await sendEach(exemplar('e', 1004, 'own_total'), exemplar('f', 1005, 'own_total'));

      expect((await samples(OPENMETRICS, /le=".*?"/)).slice(0, 4)).toEqual([
        'own_seconds_bucketle="1.0" 2 # {trace_id="a"} 0.5 1001',
        'own_seconds_bucketle="2.0" 2',
        'own_seconds_bucketle="4.0" 4 # {trace_id="d"} 3.5 1003',
        'own_seconds_bucketle="+Inf" 4',
      ]);
      expect(await samples(OPENMETRICS, /le/, 'own_total')).toEqual([
        'own_total 2 # {trace_id="f"} 1 1005',
      ]);
      const { histogram: read } = await protobuf();
      expect(read?.bucket?.map((bucket) => bucket.exemplar?.label[0]?.value)).toEqual([
        'a',
        undefined,
        'd',
        undefined,
      ]);
      expect((await protobuf('own_total')).counter?.exemplar?.value).toBe(1);
    });
  });

  it('a sum can have values that JSON cannot represent', async () => {
    const active = 'thrift_server_active_requests';
    await sendEach({ set: { [active]: 'Infinity' } }, { set: { [active]: 1 } });
    expect(await samples(TEXT, /none/, active)).toEqual([`${active} +Inf`]);
    await sendEach({ set: { [active]: 'NaN' } });
    expect(await samples(OPENMETRICS, /none/, active)).toEqual([`${active} NaN`]);
  });

  it('the sum of ages is the greatest age', async () => {
    await sendEach({ age: 15 }, { age: 40 });
    const oldest = 'thrift_server_oldest_active_request_seconds';
    expect(await samples(TEXT, /none/, oldest)).toEqual([`${oldest} 40`]);
  });

  it('a series is identified by its labels, in whichever order a worker has them', async () => {
    await sendEach(
      { configure: { defaultLabels: { b: 'x,"', a: '1' } }, times: 2 },
      { configure: { defaultLabels: { a: '1', b: 'x,"' } }, times: 3 },
    );
    const { body } = await workers.scrape(TEXT, ['thrift_server_requests_total']);
    const lines = body.split('\n').filter((line) => line.includes('b="x,\\""'));
    expect(lines).toEqual([expect.stringMatching(/ 5$/)]);
  });

  it('a sum has the first help text and leaves out a metric of another type', async () => {
    const own = 'own_metric_total';
    await workers.tell({ declare: { counted: { name: own, help: 'the first' } } });
    await sendEach(
      { declare: { counted: { name: own, help: 'another' } } },
      { declare: { inFlight: { name: own } }, set: { [own]: 100 } },
    );
    for (let scrape = 0; scrape < 2; scrape++) {
      const { body, reports } = await workers.scrape(TEXT);
      expect(body.match(/^(# \w+ )?own_metric_total.*/gm)).toEqual([
        '# HELP own_metric_total the first',
        '# TYPE own_metric_total counter',
        expect.stringMatching(/^own_metric_total\{.*\} 0$/),
      ]);
      expect(reports).toEqual(['sum:own_metric_total']);
    }
  });

  it('a metric name is written once if another worker has a user metric of that name', async () => {
    await sendEach(
      { declare: { counted: { name: 'own_metric_total' } } },
      { gauge: { name: 'own_metric_total', value: 9 } },
    );
    const { body, reports } = await workers.scrape(TEXT);
    expect(body.match(/^# TYPE own_metric_total .*/gm)).toEqual([
      '# TYPE own_metric_total counter',
    ]);
    expect(reports).toEqual(['sum:own_metric_total']);
  });
});

function never(): never {
  throw new Error('there is no histogram');
}
