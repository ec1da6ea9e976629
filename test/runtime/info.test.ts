import { Registry } from 'prom-client';
import { expect, test } from 'vitest';

import { configureMetrics, Instrumented, renderMetrics, resetMetrics } from '../../src/index';

const linesOf = (body: Buffer | string): string[] =>
  body
    .toString()
    .split('\n')
    .filter((line) => line.startsWith('thrift_metrics_info'));

test('the info metric is in the registry with the first declaration', async () => {
  const registry = new Registry();
  configureMetrics({ registry });
  @Instrumented
  class Informed {
    run(): void {}
  }
  expect(new Informed().run()).toBeUndefined();

  const lines = linesOf((await renderMetrics()).body);

  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatch(/ 1$/);
  expect(linesOf(await registry.metrics())).toHaveLength(1);
});

test('the info metric is 0 after a reset, and 1 after the next declaration or configuration', async () => {
  const value = async (): Promise<string | undefined> =>
    linesOf((await renderMetrics()).body)[0]
      ?.split(' ')
      .at(-1);
  const values: (string | undefined)[] = [];

  resetMetrics();
  values.push(await value());
  configureMetrics({});
  values.push(await value());
  resetMetrics();
  @Instrumented
  class Again {
    run(): void {}
  }
  expect(new Again().run()).toBeUndefined();
  values.push(await value());

  expect(values).toEqual(['0', '1', '1']);
});
