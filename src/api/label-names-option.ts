import { LABEL } from '../metrics/catalogue';
import { LabelNames, RENAMABLE_LABELS } from '../metrics/label-names';
import type { Labels } from '../metrics/labels';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { checkLabelName } from '../validation/metric-checks';
import { nearestNameHint } from '../validation/nearest-name';

/** Labels that Prometheus, the formats or the generated rules set. A built-in label cannot have their names. */
const TAKEN: ReadonlyMap<string, string> = new Map([
  ['le', 'the formats set it on buckets'],
  ['quantile', 'the formats set it on summaries'],
  ['job', 'Prometheus sets it on every series'],
  ['instance', 'Prometheus sets it on every series'],
  ['alertname', 'Prometheus sets it on alerts'],
  ['alertstate', 'Prometheus sets it on alerts'],
  ['severity', 'the generated alerts set it'],
  ['thrift_objective', 'the generated rules set it'],
  ['thrift_expected', 'the generated rules set it'],
  ...Object.values(LABEL).map((name) => [name, 'it is the name of a built-in label'] as const),
]);

/**
 * Checks the option `labelNames` by itself.
 *
 * @throws {@link ThriftMetricsError} if a key is not a built-in label, a name is not valid or is taken, or two labels have
 * the same name.
 */
export function checkLabelNamesOption(where: string, _name: string, value: unknown): void {
  if (!isObject(value) || Array.isArray(value)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: option 'labelNames' is ${show(value)}. Expected an object, such as { thrift_service: 'service' }.`,
    );
  }
  const builtInOf = new Map<string, string>();
  for (const [builtIn, name] of Object.entries(value) as [string, unknown][]) {
    if (!RENAMABLE_LABELS.includes(builtIn)) throw unknownLabel(where, builtIn);
    if (typeof name !== 'string') {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_NAME',
        `${where}: the name of '${builtIn}' in 'labelNames' is ${show(name)}. Expected a string.`,
      );
    }
    if (name === builtIn) continue;
    checkLabelName(`${where}: labelNames: ${builtIn}`, name, []);
    const reason = TAKEN.get(name);
    if (reason !== undefined) {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_NAME',
        `${where}: '${builtIn}' cannot be renamed to '${name}', because ${reason}. Choose another name.`,
      );
    }
    const other = builtInOf.get(name);
    if (other !== undefined) {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_NAME',
        `${where}: '${other}' and '${builtIn}' are both renamed to '${name}'. Give each a name of its own.`,
      );
    }
    builtInOf.set(name, builtIn);
  }
}

/** @throws {@link ThriftMetricsError} if a default label has the own name of a built-in label. */
export function checkDefaultLabels(where: string, names: LabelNames, defaultLabels: Labels): void {
  for (const name of Object.keys(defaultLabels)) {
    const builtIn = names.builtInOf(name);
    if (builtIn === name) continue;
    throw new ThriftMetricsError(
      'TM_ERR_LABEL_NAME',
      `${where}: default label '${name}' has the name that 'labelNames' gives to '${builtIn}'. Rename one of them.`,
    );
  }
}

function unknownLabel(where: string, name: string): ThriftMetricsError {
  const hint = nearestNameHint(name, RENAMABLE_LABELS);
  return new ThriftMetricsError(
    'TM_ERR_LABEL_NAME',
    `${where}: 'labelNames' renames '${name}', which is not a built-in label.${hint} Labels that can be renamed: ${RENAMABLE_LABELS.join(', ')}.`,
  );
}
