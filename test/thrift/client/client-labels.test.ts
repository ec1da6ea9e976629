import { register } from 'prom-client';
import { expect, test } from 'vitest';

import { configureMetrics, instrumentClient } from '../../../src/index';
import { errorOf } from '../../support/error-of';
import { samplesOf } from '../../support/value-of';
import { Answers, Library } from './library';
import { clientOf, startTcp } from './transports';

/** The samples of a client that are not 0, as `metric label=value …`, without those that every metric has. */
async function labelsOf(name: string, ...labels: string[]): Promise<string[]> {
  const samples = (await samplesOf(register)).filter(
    (sample) =>
      sample.labels.thrift_client_name === name &&
      sample.value !== 0 &&
      !/_bucket$|_sum$/.test(sample.name),
  );
  return samples
    .map((sample) =>
      [
        sample.name.replace('thrift_client_', ''),
        ...labels.map((label) => `${label}=${sample.labels[label]}`),
        sample.value,
      ].join(' '),
    )
    .toSorted();
}

async function connect() {
  const { connect: connectClient } = await startTcp(Library, new Answers());
  return connectClient();
}

test('constant labels of a client are on the metrics of its requests, which start at 0', async () => {
  const connection = await connect();
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'constant-labels',
    labels: { tier: 'gold' },
  });
  const zero = (await samplesOf(register)).find(
    ({ name, labels }) =>
      name === 'thrift_client_requests_total' &&
      labels.thrift_client_name === 'constant-labels' &&
      labels.thrift_method === 'twice',
  );
  expect(zero).toMatchObject({ value: 0, labels: { tier: 'gold' } });
  await client.twice?.(1);
  await client.divide?.(1, 0).catch(() => {});
  expect(await labelsOf('constant-labels', 'tier', 'thrift_method')).toEqual([
    'errors_total tier=gold thrift_method=divide 1',
    'failed_requests_total tier=gold thrift_method=divide 1',
    'latency_seconds_count tier=gold thrift_method=divide 1',
    'latency_seconds_count tier=gold thrift_method=twice 1',
    'requests_total tier=gold thrift_method=divide 1',
    'requests_total tier=gold thrift_method=twice 1',
  ]);
});

test('labels of a client can depend on the arguments, and at the end on the result or the error', async () => {
  const connection = await connect();
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'call-labels',
    labels: {
      size: ({ args: [number] }) => (number > 9 ? 'big' : 'small'),
      outcome: ({ result, error }) => (error ? error.constructor.name : (result ?? 'none')),
    },
  });
  await client.twice?.(21);
  await client.divide?.(1, 0).catch(() => {});
  expect(await labelsOf('call-labels', 'size', 'outcome')).toEqual([
    'errors_total size=small outcome=TApplicationException 1',
    'failed_requests_total size=undefined outcome=undefined 1',
    'latency_seconds_count size=big outcome=42 1',
    'latency_seconds_count size=small outcome=TApplicationException 1',
    'requests_total size=big outcome=none 1',
    'requests_total size=small outcome=none 1',
  ]);
});

test('labels of a client are bounded by maxSeriesPerMetric', async () => {
  const connection = await connect();
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'many-labels',
    labels: { number: ({ args: [number] }) => String(number) },
  });
  configureMetrics({ maxSeriesPerMetric: 1, onError: () => {} });
  for (let i = 0; i < 3; i++) await client.twice?.(i);
  configureMetrics({ maxSeriesPerMetric: 2000 });
  expect(await labelsOf('many-labels', 'number')).toEqual([
    'latency_seconds_count number=_other 3',
    'requests_total number=_other 3',
  ]);
});

test('a label function of a client that throws makes the label _unknown, and the call goes on', async () => {
  const sites: string[] = [];
  configureMetrics({ onError: (error) => void sites.push((error as Error).message) });
  const connection = await connect();
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'throwing-labels',
    labels: {
      op: () => {
        throw new Error('no label');
      },
    },
  });
  expect(await client.twice?.(2)).toBe(4);
  expect(await labelsOf('throwing-labels', 'op')).toEqual([
    'latency_seconds_count op=_unknown 1',
    'requests_total op=_unknown 1',
  ]);
  expect(sites).toEqual(['no label']);
});

test('each client has its own functions, also if clients share their name', async () => {
  const connection = await connect();
  const other = await connect();
  for (const [client, tenant] of [
    [clientOf(connection, Library), 'a'],
    [clientOf(other, Library), 'b'],
  ] as const) {
    instrumentClient(client, {
      name: 'shared-labels',
      labels: { tenant: () => tenant },
      failed: () => tenant === 'b',
    });
    await client.twice?.(1);
  }
  expect(await labelsOf('shared-labels', 'tenant', 'thrift_exception_kind')).toEqual([
    'errors_total tenant=b thrift_exception_kind=result 1',
    'failed_requests_total tenant=undefined thrift_exception_kind=result 1',
    'latency_seconds_count tenant=a thrift_exception_kind=undefined 1',
    'latency_seconds_count tenant=b thrift_exception_kind=undefined 1',
    'requests_total tenant=a thrift_exception_kind=undefined 1',
    'requests_total tenant=b thrift_exception_kind=undefined 1',
  ]);
});

test('labels and failed are added to a client that is instrumented already', async () => {
  const client = clientOf(await connect(), Library);
  instrumentClient(client, { name: 'added-labels' });
  instrumentClient(client, { labels: { tier: 'gold' }, failed: () => 'Bad' });
  instrumentClient(client, { labels: { tier: 'silver' }, failed: () => false });
  await client.twice?.(1);
  expect(await labelsOf('added-labels', 'tier', 'thrift_exception_type')).toEqual([
    'errors_total tier=gold thrift_exception_type=Bad 1',
    'failed_requests_total tier=gold thrift_exception_type=undefined 1',
    'latency_seconds_count tier=gold thrift_exception_type=undefined 1',
    'requests_total tier=gold thrift_exception_type=undefined 1',
  ]);
});

test.each([
  [{ thrift_method: 'x' }, 'TM_ERR_LABEL_NAME'],
  [{ thrift_client_name: 'x' }, 'TM_ERR_LABEL_NAME'],
  [{ le: 'x' }, 'TM_ERR_LABEL_NAME'],
  [{ 'a-b': 'x' }, 'TM_ERR_LABEL_NAME'],
  [{ tier: 1 }, 'TM_ERR_LABEL_VALUE'],
  ['tier', 'TM_ERR_OPTION_INVALID'],
])('instrumentClient rejects the labels %o', async (labels, code) => {
  const client = clientOf(await connect(), Library);
  expect(errorOf(() => instrumentClient(client, { labels } as never)).code).toBe(code);
});

test.each([
  ['functions first', ['call', 'constant']],
  ['constants first', ['constant', 'call']],
])('clients whose labels come out alike share their series, with %s', async (title, order) => {
  const name = `alike, ${title}`;
  const connection = await connect();
  const labels = { call: { tier: () => 'gold\ud800' }, constant: { tier: 'gold\udfff' } };
  for (const kind of [...order, ...order]) {
    const own = { name, labels: labels[kind as keyof typeof labels] };
    // oxlint-disable-next-line no-await-in-loop -- the order of the first calls matters
    const client = instrumentClient(clientOf(connection, Library), own);
    await client.twice?.(1);
    await client.divide?.(1, 0).catch(() => {});
  }
  expect(await labelsOf(name, 'tier', 'thrift_method')).toEqual([
    'errors_total tier=gold\ufffd thrift_method=divide 4',
    'failed_requests_total tier=gold\ufffd thrift_method=divide 2',
    'failed_requests_total tier=undefined thrift_method=divide 2',
    'latency_seconds_count tier=gold\ufffd thrift_method=divide 4',
    'latency_seconds_count tier=gold\ufffd thrift_method=twice 4',
    'requests_total tier=gold\ufffd thrift_method=divide 4',
    'requests_total tier=gold\ufffd thrift_method=twice 4',
  ]);
});
