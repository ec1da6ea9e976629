import type { Server } from 'node:net';

import { register } from 'prom-client';
import { expect, test } from 'vitest';

import {
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../src/index';
import { thrift } from '../support/start-thrift';
import { clientOf, thriftLibrary } from '../thrift/client/transports';
import { loadEs6 } from '../thrift/generated';
import { readPage, rowsOf } from './markdown';

const PAGE = 'docs/explanation/cardinality.md';

class LibraryHandler {
  ping(): void {}
}

/** The lines of a scrape about the method `ping`, by metric. */
async function linesByMetric(): Promise<ReadonlyMap<string, number>> {
  const lines = (await register.metrics())
    .split('\n')
    .filter((line) => line.includes('thrift_method="ping"'))
    .map((line) => line.replace(/(?:_bucket|_sum|_count)?\{.*/, ''));
  return new Map([...new Set(lines)].map((name) => [name, lines.filter((l) => l === name).length]));
}

const sum = (counts: Iterable<number>): number => [...counts].reduce((a, b) => a + b, 0);

const sumOf = (lines: ReadonlyMap<string, number>, part: RegExp): number =>
  sum([...lines].filter(([name]) => part.test(name)).map(([, count]) => count));

test('docs/explanation/cardinality.md counts the lines of a method as a scrape has them', async () => {
  const handler = instrumentHandler(new LibraryHandler());
  const ofHandler = await linesByMetric();
  const rows = rowsOf(PAGE, 'metric', 'series').flatMap(
    ({ metric, 'lines in a scrape': lines }) => {
      const names = metric?.split(', ') ?? [];
      // "the same" as in the column before: one.
      return names.map((name) => [name, (Number.parseInt(lines ?? '') || 1) / names.length]);
    },
  );
  expect(new Map(rows as [string, number][])).toEqual(ofHandler);

  const service = instrumentService(loadEs6().service);
  instrumentServer(thrift.createServer(service, handler) as Server).on('error', () => {});
  const ofServer = await linesByMetric();
  const queue = sumOf(ofServer, /_queue_/);
  const serviceLines = sum(ofServer.values()) - sum(ofHandler.values()) - queue;
  const page = readPage(PAGE);
  const numbersOf = (row: RegExp): number[] =>
    [...(row.exec(page)?.[0] ?? '').matchAll(/\d+/g)].map(([digits]) => Number(digits));
  expect(numbersOf(/^\| a method of a server:.*$/m)).toEqual([
    sum(ofHandler.values()),
    serviceLines,
    queue,
    sum(ofServer.values()),
  ]);
  expect(numbersOf(/^The histograms make up most of it: .*$/m)).toEqual([
    sum(ofServer.values()),
    sumOf(ofServer, /latency/),
    sumOf(ofServer, /_size_/),
    sumOf(ofServer, /decode|write_seconds/),
    queue,
  ]);

  const transport = thriftLibrary.TBufferedTransport;
  const protocol = thriftLibrary.TBinaryProtocol;
  const connection = { transport, protocol, write: () => {} };
  instrumentClient(clientOf(connection as never, loadEs6().service), { name: 'billing' });
  const ofClient = sumOf(await linesByMetric(), /^thrift_client_/);
  expect(numbersOf(/^\| a method of a client.*$/m)).toEqual([ofClient]);
});
