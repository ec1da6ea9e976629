import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT } from './consumer';
import { packedPackage } from './projects';
import { outputOf } from './run';

const thePackage = packedPackage();

let project: string;
beforeAll(async () => {
  project = await thePackage.install('client-libraries');
}, TIMEOUT);

interface Report {
  readonly registry: boolean;
  readonly endpoint: boolean;
  readonly reports: readonly { readonly code: string; readonly message: string }[];
}

const run = async <T>(...args: readonly string[]): Promise<T> =>
  JSON.parse(await outputOf(process.execPath, args, project)) as T;

const WHOLE: Report = { registry: true, endpoint: true, reports: [] };

describe('prom-client and @prometheus-io/client are both installed', () => {
  test.each(['prom-client', '@prometheus-io/client', 'nested'])(
    'the metrics are in the registry of %s, which the program has loaded',
    async (name) => {
      expect(await run<Report>('main.cjs', name)).toEqual(WHOLE);
    },
  );

  test('the metrics move to the library that the program loads after its handlers', async () => {
    const { reports, ...shown } = await run<Report>('main.mjs');
    expect(shown).toEqual({ registry: true, endpoint: true });
    expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_CLIENT_LIBRARIES']);
    const used = /thrift-metrics are in the registry of (\S+)/.exec(reports[0]?.message ?? '');
    expect(used?.[1]).toBe('@prometheus-io/client');
  });

  test.each([
    ['both libraries', 'prom-client', '@prometheus-io/client'],
    ['two copies of one library', 'prom-client', 'nested'],
  ])(
    'a program that loads %s gets one report of which one is used and what to do',
    async (_kind, ...names) => {
      const { reports } = await run<Report>('main.cjs', ...names);
      expect(reports.map(({ code }) => code)).toEqual(['TM_ERR_CLIENT_LIBRARIES']);
      expect(reports[0]?.message).toMatch(
        /are in the registry of prom-client \(.*configureMetrics/,
      );
    },
  );
});

describe('fastify-metrics beside this package', () => {
  interface Answer {
    readonly statusCode: number;
    readonly hasOurs: boolean;
    readonly hasProcess: boolean;
    readonly codes: readonly string[];
  }
  const answer = { statusCode: 200, hasOurs: true, hasProcess: true };

  test.each([
    ['shows the metrics', 'plain', []],
    ['can collect process metrics after startMetricsServer', 'server', []],
    ['that clears the registry is reported at the next call', 'clear', ['TM_ERR_REGISTRY_CLEARED']],
  ])('%s', async (_title, mode, codes) => {
    expect(await run<Answer>('fastify.mjs', mode)).toEqual({ ...answer, codes });
  });
});

test('registerAsync of @willsoto/nestjs-prometheus leaves our default labels and adds its own', async () => {
  expect(await run<object>('nest.mjs')).toEqual({
    statusCode: 200,
    labels: ['app="shop"', 'env="prod"', 'thrift_method="add"', 'thrift_service="Calculator"'],
    hasProcess: true,
    codes: [],
  });
});
