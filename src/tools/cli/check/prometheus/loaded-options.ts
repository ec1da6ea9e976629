import type { PrometheusRulesOptions } from '../../../rules/prometheus-rules';
import type { LiveState } from './live-state';
import { type GeneratedRule, nameOf } from './rule-comparison';

/** Options that add rules, so that the names of loaded rules tell whether the option was used. */
const ADDING = ['sloth', 'anomalies'] as const;

export type LoadedOptions = Readonly<Record<(typeof ADDING)[number], boolean>>;

/** Returns the options that the loaded rules were written with. `create` generates the rules for given options. */
export function loadedOptions(
  groups: NonNullable<LiveState['groups']>,
  create: (options: PrometheusRulesOptions) => readonly GeneratedRule[],
): LoadedOptions {
  const loaded = new Set(groups.flatMap(({ rules }) => rules.map(({ name }) => name)));
  const always = new Set(create({}).map(nameOf));
  const isUsed = (option: (typeof ADDING)[number]): boolean =>
    create({ [option]: true }).some((rule) => {
      const name = nameOf(rule);
      return !always.has(name) && loaded.has(name);
    });
  return { sloth: isUsed('sloth'), anomalies: isUsed('anomalies') };
}
