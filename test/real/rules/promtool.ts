import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { renderRules } from '../../../src/tools/cli/rules-command';
import type { PrometheusRuleGroup } from '../../../src/dashboards';
import { runProgram } from '../../support/start-program';
import type { InputSeries } from './histories';

export interface RuleTest {
  readonly name: string;
  /** The interval of samples and evaluations. */
  readonly interval: string;
  readonly input_series: readonly InputSeries[];
  readonly promql_expr_test?: readonly {
    readonly expr: string;
    readonly eval_time: string;
    readonly exp_samples: readonly { readonly labels: string; readonly value: number }[];
  }[];
  readonly alert_rule_test?: readonly object[];
}

export interface Verdict {
  readonly code: number | null;
  readonly output: string;
}

/** Runs `promtool check rules` as strictly as possible. */
export async function checkRules(groups: readonly PrometheusRuleGroup[]): Promise<Verdict> {
  return inFolder(groups, (folder) => [
    'check',
    'rules',
    '--lint-fatal',
    join(folder, 'rules.yml'),
  ]);
}

/** Runs `promtool test rules`, and evaluates the groups as often as the tests have samples. */
export async function testRules(
  groups: readonly PrometheusRuleGroup[],
  tests: readonly RuleTest[],
): Promise<Verdict> {
  return inFolder(groups, async (folder) => {
    // A file has only one evaluation interval.
    const files = [...new Set(tests.map(({ interval }) => interval))].map(async (interval) => {
      const file = join(folder, `tests-${interval}.yml`);
      const content = {
        rule_files: ['rules.yml'],
        evaluation_interval: interval,
        tests: tests.filter((ruleTest) => ruleTest.interval === interval),
      };
      await writeFile(file, JSON.stringify(content));
      return file;
    });
    return ['test', 'rules', ...(await Promise.all(files))];
  });
}

async function inFolder(
  groups: readonly PrometheusRuleGroup[],
  argumentsIn: (folder: string) => string[] | Promise<string[]>,
): Promise<Verdict> {
  const folder = await mkdtemp(join(tmpdir(), 'rules-'));
  try {
    await writeFile(join(folder, 'rules.yml'), renderRules({ groups: [...groups] }));
    const { code, stdout, stderr } = await runProgram('promtool', await argumentsIn(folder));
    return { code, output: stdout + stderr };
  } finally {
    await rm(folder, { recursive: true });
  }
}
