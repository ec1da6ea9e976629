import { LABEL } from '../../catalogue';
import { quote } from '../selector';

/** The interval that Grafana chooses so that it always holds enough scrapes for a rate. */
export const RATE_INTERVAL = '$__rate_interval';

/** The time range that is shown. */
export const RANGE = '$__range';

/** What processes the variables select. */
export const OF_INSTANCE = 'job=~"$job", instance=~"$instance"';

/** What methods the variables select. */
export const OF_METHOD = `${OF_INSTANCE}, ${LABEL.service}=~"$service", ${LABEL.method}=~"$method"`;

/** The labels that make a method. */
export const METHOD_LABELS = `${LABEL.service}, ${LABEL.method}`;

export const METHOD_LEGEND = `{{${LABEL.service}}}.{{${LABEL.method}}}`;

/** A counter's rate, summed. */
export function sumOfRate(by: string, series: string, range = RATE_INTERVAL): string {
  return `sum by (${by}) (rate(${series}[${range}]))`;
}

/** The first of several answers that there is, label set by label set. */
export function firstOf(expressions: readonly string[]): string {
  const [first = '', ...others] = expressions;
  return others.length === 0 ? first : `(${expressions.join(' or ')})`;
}

/** A share that is 0, and not missing, where nothing happened or no part was ever counted. */
export function shareOf(part: string, whole: string): string {
  return `(${part} / (${whole} > 0) or 0 * ${whole})`;
}

/** The largest, as many as the variable says. */
export function largest(expression: string): string {
  return `topk($top, ${expression})`;
}

/** A regular expression for exactly these names. Of `$` a set, or Grafana could take it for a variable's. */
export function anyOf(names: readonly string[]): string {
  const escaped = names.map((name) =>
    name.replaceAll(/[\\^.*+?()[\]{}|]/g, String.raw`\$&`).replaceAll('$', '[$]'),
  );
  return quote(escaped.join('|'));
}
