import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { DEFAULT_BUCKETS } from '../../../src/metrics/catalogue';
import { histogramQuantile } from '../../../src/metrics/histogram-quantile';
import { runProgram } from '../../support/start-program';

const QUANTILES = [0.5, 0.95, 0.99];

interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

const histograms: fc.Arbitrary<Histogram> = fc
  .subarray([...DEFAULT_BUCKETS], { minLength: 1 })
  .chain((bounds) =>
    fc
      .array(fc.nat(1000), { minLength: bounds.length + 1, maxLength: bounds.length + 1 })
      .filter((counts) => counts.some((count) => count > 0))
      .map((counts) => ({ bounds, counts })),
  );

/** A promtool unit test: histograms as series, and their quantiles as the expected results. */
function unitTest(cases: readonly Histogram[]): string {
  const series = cases.flatMap(({ bounds, counts }, i) => {
    let cumulative = 0;
    return [...bounds, '+Inf'].map((le, bucket) => {
      cumulative += counts[bucket] as number;
      return { series: `h_bucket{case="${i}",le="${le}"}`, values: String(cumulative) };
    });
  });
  const expressions = cases.flatMap(({ bounds, counts }, i) =>
    QUANTILES.map((q) => ({
      expr: `histogram_quantile(${q}, h_bucket{case="${i}"})`,
      eval_time: '0m',
      exp_samples: [{ labels: `{case="${i}"}`, value: histogramQuantile(q, bounds, counts) }],
    })),
  );
  // JSON is valid YAML.
  return JSON.stringify({
    tests: [{ interval: '1m', input_series: series, promql_expr_test: expressions }],
  });
}

test('the page computes the same quantiles as Prometheus, to the last digit', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'quantile-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'quantiles.json');
  writeFileSync(file, unitTest(fc.sample(histograms, 200)));

  const { code, stdout, stderr } = await runProgram('promtool', ['test', 'rules', file]);

  expect(stdout + stderr).toContain('SUCCESS');
  expect(code).toBe(0);
});
