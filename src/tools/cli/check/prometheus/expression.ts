/** A metric in an expression, with its label matchers and without a range. */
export interface VectorSelector {
  readonly name: string;
  /** The selector as it is written. */
  readonly text: string;
}

const STRING = String.raw`"(?:[^"\\]|\\.)*"`;
const SELECTOR = new RegExp(
  // Skips strings and lists of labels. A name before a parenthesis is a function.
  String.raw`${STRING}|\b(?:by|on|without|ignoring|group_left|group_right)\s*\([^()]*\)|(?<![a-zA-Z0-9_:.])([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[^"{}]|${STRING})*\})?(?!\s*\(|[a-zA-Z0-9_:])`,
  'g',
);
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    'and or unless bool offset by on without ignoring group_left group_right inf nan ' +
    'sum min max avg group stddev stdvar count count_values bottomk topk quantile'
  ).split(' '),
);

/** Finds the metrics that an expression reads. */
export function selectorsIn(expression: string): VectorSelector[] {
  const found = new Map<string, VectorSelector>();
  // Ranges contain units, which look like metrics.
  for (const [text, name] of expression
    .replaceAll(/\[[^\]]*\]|offset \w+/g, '')
    .matchAll(SELECTOR)) {
    if (name === undefined || KEYWORDS.has(name.toLowerCase())) continue;
    found.set(text, { name, text });
  }
  return [...found.values()];
}

/** The values of the labels that a selector compares by `=`. */
export function exactMatchersOf(selector: string): Record<string, string> {
  const matchers = selector.matchAll(new RegExp(`([a-zA-Z_]\\w*)=(${STRING})`, 'g'));
  return Object.fromEntries(
    // The generators write strings of PromQL with the escapes of JSON.
    [...matchers].map(([, label, value]) => [label, JSON.parse(value as string) as string]),
  );
}

/** Replaces `$name` and `${name}` by values. A variable without a value stays. */
export function substitute(expression: string, values: Readonly<Record<string, string>>): string {
  return expression.replaceAll(
    /\$(\w+)|\$\{(\w+)\}/g,
    (text, bare?: string, braced?: string) => values[bare ?? braced ?? ''] ?? text,
  );
}

/** The seconds of a duration such as `1m30s`, or null. */
export function secondsOf(duration: string): number | null {
  const units: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 };
  let seconds = 0;
  const rest = duration.replaceAll(/(\d+)(ms|[smhd])/g, (_, count: string, unit: string) => {
    seconds += Number(count) * (units[unit] ?? 0);
    return '';
  });
  return rest === '' && seconds > 0 ? seconds : null;
}

/** The name of the histogram or summary that a series belongs to, or of the metric itself. */
export function baseName(name: string): string {
  return name.replace(/_(?:bucket|sum|count)$/, '');
}
