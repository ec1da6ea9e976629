import { ThriftMetricsError } from './errors';
import { show } from './options';

function ascends(values: unknown, within: (value: number) => boolean): values is readonly number[] {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every(
      (value, i) =>
        typeof value === 'number' && within(value) && (i === 0 || value > values[i - 1]),
    )
  );
}

/** Upper bounds without the last, infinite one. */
export function checkBuckets(
  where: string,
  buckets: unknown,
): asserts buckets is readonly number[] {
  if (!ascends(buckets, Number.isFinite)) {
    throw new ThriftMetricsError(
      'TM_ERR_BUCKETS',
      `${where}: buckets are ${show(buckets)}; ascending finite numbers are expected, in seconds, at least one (+Inf is added)`,
    );
  }
}

export function checkQuantiles(
  where: string,
  quantiles: unknown,
): asserts quantiles is readonly number[] {
  if (!ascends(quantiles, (value) => value >= 0 && value <= 1)) {
    throw new ThriftMetricsError(
      'TM_ERR_QUANTILES',
      `${where}: quantiles are ${show(quantiles)}; ascending numbers from 0 to 1 are expected, at least one`,
    );
  }
}
