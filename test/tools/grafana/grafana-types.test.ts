import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { expect, test } from 'vitest';

import { createGrafanaDashboard, type GrafanaDashboard } from '../../../src/dashboards';
import { Instrumented, Objective, Timed } from '../../../src/index';
import { runProgram } from '../../support/start-program';
import type { PlainDashboard } from './grafana-schema';

const root = join(__dirname, '../../..');
const folder = join(root, 'build/grafana');
const schema = relative(folder, join(__dirname, 'grafana-schema'));

/** Covers everything that a dashboard can show. */
@Instrumented
@Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
class CalculatorHandler {
  add(): void {}

  @Timed({ name: 'summary_seconds', quantiles: [0.5, 0.95] })
  @Objective({ availability: 0.9 })
  mean(): void {}

  @Timed({ native: true, buckets: [0.25, 1] })
  factorize(): void {}
}

test('GrafanaDashboard is assignable to the dashboard type of the SDK', () => {
  const dashboard: GrafanaDashboard = createGrafanaDashboard({ anomalies: true });
  // The compiler checks this line.
  const plain: PlainDashboard = dashboard;

  expect(plain.title).toBe('Thrift services');
  expect(CalculatorHandler.name).toBe('CalculatorHandler');
});

test('a dashboard matches the types of the SDK, including the options of its panels', async () => {
  const dashboard = createGrafanaDashboard({ anomalies: true });
  mkdirSync(folder, { recursive: true });
  const head = `import type { TypedDashboard } from '${schema}';\n`;
  const declare = (value: unknown): string =>
    `${head}export const dashboard: TypedDashboard = ${JSON.stringify(value, null, 2)};\n`;
  writeFileSync(join(folder, 'dashboard.ts'), declare(dashboard));
  const text = JSON.stringify(dashboard);
  writeFileSync(
    join(folder, 'no-such-option.ts'),
    declare(JSON.parse(text.replace('"graphMode"', '"graphMood"'))),
  );
  writeFileSync(
    join(folder, 'no-such-value.ts'),
    declare(JSON.parse(text.replace('"format":"table"', '"format":"tables"'))),
  );
  writeFileSync(
    join(folder, 'tsconfig.json'),
    JSON.stringify({ extends: '../../tsconfig.json', include: ['*.ts'], exclude: [] }),
  );

  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout } = await runProgram(process.execPath, [tsc, '--pretty', 'false', '-p', folder]);

  // One error in each of the two wrong modules, none in the correct one.
  const wrong = stdout.matchAll(/^build\/grafana\/([\w-]+)\.ts\(\d+,\d+\): error/gm);
  const names = [...wrong].map(([, name]) => name);
  expect(names, stdout).toHaveLength(2);
  expect(new Set(names)).toEqual(new Set(['no-such-option', 'no-such-value']));
});
