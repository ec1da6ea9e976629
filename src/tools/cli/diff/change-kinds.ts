/** What a change means for those who read the metrics. */
export interface ChangeKind {
  /** Whether dashboards, alerts or promises that fit the declaration before may be wrong after it. */
  readonly breaking: boolean;
  readonly why: string;
}

/** The changes that `diff` distinguishes. A test compares `docs/reference/cli.md` with this table. */
export const CHANGE_KINDS = {
  'prefix-changed': breaking('Every metric has another name, so queries find nothing.'),
  'service-renamed': breaking('Selectors with the old service find nothing.'),
  'method-removed': breaking('Its series end, and queries that select them find nothing.'),
  'method-added': compatible('It has series of its own.'),
  'class-renamed': compatible('No series shows the name of the class.'),
  'metric-removed': breaking('Queries of the metric find nothing.'),
  'metric-added': compatible('It has series of its own.'),
  'metric-renamed': breaking('Queries with the old name find nothing.'),
  'type-changed': breaking('Functions for the old type are wrong for the new one.'),
  'help-changed': compatible('No query reads the text.'),
  'label-removed': breaking('Queries that select or group by the label find nothing.'),
  'constant-label-added': compatible('Sums by service and method stay the same.'),
  'call-label-added': breaking('The series no longer exist at 0 before the first call.'),
  'label-value-changed': breaking('Selectors with the old value find nothing.'),
  'label-varies': breaking('The series with the constant value no longer exists at 0.'),
  'label-fixed': breaking('Selectors with other values find nothing.'),
  'bucket-removed': breaking('Queries of the bound find nothing, and quantiles get coarser.'),
  'bucket-added': compatible('All earlier bounds are still there.'),
  'quantile-removed': breaking('Queries of the quantile find nothing.'),
  'quantile-added': compatible('All earlier quantiles are still there.'),
  'native-on': breaking(
    'Prometheus may no longer store the classic buckets: see always_scrape_classic_histograms.',
  ),
  'native-off': breaking('Queries of the native histogram find nothing.'),
  'exception-added': compatible('Its failures count as declared from now on.'),
  'exception-removed': breaking('Its failures count as undeclared, also against objectives.'),
  'exceptions-listed': breaking(
    'Generated exceptions that the list lacks count as undeclared, also against objectives.',
  ),
  'exceptions-unlisted': compatible('All generated exceptions count as declared.'),
  'objective-removed': breaking('Its recorded series and alerts end.'),
  'objective-added': compatible('It has recorded series and alerts of its own.'),
  'target-loosened': breaking('The promise to callers is weaker, and alerts fire later.'),
  'target-tightened': compatible('The promise to callers is stronger; alerts fire earlier.'),
  'window-changed': breaking('Recorded series and alerts cover other times.'),
  'latency-bound-raised': breaking('The promise to callers is weaker, and alerts fire later.'),
  'latency-bound-lowered': compatible('The promise to callers is stronger; alerts fire earlier.'),
  'declared-errors-counted': breaking('Declared exceptions spend the error budget.'),
  'declared-errors-ignored': breaking('Declared exceptions no longer spend the error budget.'),
} as const satisfies Record<string, ChangeKind>;

export type ChangeName = keyof typeof CHANGE_KINDS;

function breaking(why: string): ChangeKind {
  return { breaking: true, why };
}

function compatible(why: string): ChangeKind {
  return { breaking: false, why };
}

/** One difference between two declarations. */
export interface Change {
  readonly kind: ChangeName;
  /** A service, a method as `Service.method`, or `-` for all. */
  readonly of: string;
  /** Name of the metric before the change, or null if the change does not concern one metric. */
  readonly metric: string | null;
  readonly before: string;
  readonly after: string;
}
