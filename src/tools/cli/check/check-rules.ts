export type Severity = 'error' | 'warning';

/** The rules of `check` and their severities. A test compares `docs/reference/cli.md` with this table. */
export const CHECK_RULES = {
  syntax: 'error',
  'missing-help': 'error',
  'missing-type': 'error',
  'counter-suffix': 'error',
  'reserved-suffix': 'error',
  'reserved-label': 'error',
  'name-style': 'error',
  'type-in-name': 'error',
  'base-unit': 'error',
  'abbreviated-unit': 'error',
  'duplicate-series': 'error',
  'broken-histogram': 'error',
  'missing-zero': 'error',
  cardinality: 'error',
  'undeclared-series': 'error',
  'missing-series': 'error',
  timestamp: 'warning',
  'no-methods': 'warning',
  'unknown-series': 'warning',
  'series-limit': 'warning',
  'internal-errors': 'warning',
  'target-down': 'error',
  'missing-metric': 'error',
  'other-prefix': 'error',
  'no-data': 'error',
  'expression-failed': 'error',
  'histogram-storage': 'error',
  'rules-missing': 'error',
  'rules-outdated': 'error',
  'rules-repeated': 'error',
  'rule-failed': 'error',
  'recorded-differs': 'error',
  'label-clash': 'error',
  'label-missing': 'error',
  'label-override': 'warning',
  'slow-rules': 'warning',
  'slow-scrape': 'warning',
  'expensive-query': 'warning',
} as const satisfies Record<string, Severity>;

export type CheckRule = keyof typeof CHECK_RULES;

export interface Finding {
  readonly severity: Severity;
  readonly rule: CheckRule;
  /** Name of the metric, or `-` if the finding concerns something else. */
  readonly metric: string;
  readonly text: string;
}

export function finding(rule: CheckRule, metric: string, text: string): Finding {
  return { severity: CHECK_RULES[rule], rule, metric, text };
}
