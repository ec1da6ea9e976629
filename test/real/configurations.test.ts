import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { stringify } from 'yaml';

import { blocksIn, configurations, pages, whereIs, type Configuration } from '../docs/blocks';
import { proseOf } from '../docs/markdown';
import { runProgram } from '../support/start-program';
import { checkRules } from './rules/promtool';

function saved(name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'configurations-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const named = (...kinds: Parameters<typeof configurations>) =>
  configurations(...kinds).map((block) => [whereIs(block), block] as const);

/** Puts settings of a job into a job. Debian's Prometheus is built without Kubernetes discovery. */
function wholeConfig({ kind, content }: Configuration): object {
  const jobs =
    kind === 'prometheus' ? content['scrape_configs'] : [{ job_name: 'calculator', ...content }];
  if (jobs === undefined) return content;
  const rest = kind === 'prometheus' ? content : {};
  const scrape_configs = (jobs as object[]).map((job) =>
    Object.fromEntries(Object.entries(job).filter(([key]) => key !== 'kubernetes_sd_configs')),
  );
  return { ...rest, scrape_configs };
}

test.each(named('prometheus', 'a Prometheus job'))(
  'promtool accepts the Prometheus configuration at %s',
  async (_where, block) => {
    const config = wholeConfig(block);
    // The rule files that it names exist only on the reader's machine.
    const mode = 'remote_write' in config ? ['--agent'] : ['--syntax-only'];
    const path = saved('prometheus.yml', stringify(config));

    const { code, stderr } = await runProgram('promtool', ['check', 'config', ...mode, path]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  },
);

test.each(named('alertmanager'))(
  'amtool accepts the Alertmanager configuration at %s',
  async (_where, { code: text }) => {
    const path = saved('alertmanager.yml', text);

    const { code, stdout } = await runProgram('amtool', ['check-config', path]);

    expect(stdout).toContain('SUCCESS');
    expect(code).toBe(0);
  },
);

test.each(named('rules'))('promtool accepts the rules at %s', async (_where, { code: text }) => {
  const path = saved('rules.yml', text);

  const { code, stderr } = await runProgram('promtool', ['check', 'rules', '--lint-fatal', path]);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

/** Queries in the text are recognized by their ranges. */
const QUERY = /`([a-z][^`]*\([^`]*\[\d+[smhdw]\][^`]*)`/g;

test('promtool parses every query of the docs', async () => {
  const inText = pages.flatMap((page) => [...proseOf(page).matchAll(QUERY)].map(([, it]) => it));
  const queries = [...blocksIn('promql').map(({ code }) => code), ...inText];
  expect(inText.length).toBeGreaterThan(0);
  const rules = queries.map((expr, i) => ({ record: `query:${i}`, expr: expr as string }));
  const accepted = { code: 0, output: expect.stringContaining('SUCCESS') as string };
  expect(await checkRules([{ name: 'queries', rules }])).toEqual(accepted);
});
