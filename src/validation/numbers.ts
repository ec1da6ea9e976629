import { ThriftMetricsError } from '../errors';
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

/** Checks the upper bounds of a histogram, without the infinite one. */
export function checkBuckets(
  where: string,
  buckets: unknown,
): asserts buckets is readonly number[] {
  if (!ascends(buckets, Number.isFinite)) {
    throw new ThriftMetricsError(
      'TM_ERR_BUCKETS',
      `${where}: the buckets are ${show(buckets)}. Expected at least one finite number, in seconds and in ascending order; +Inf is added.`,
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
      `${where}: the quantiles are ${show(quantiles)}. Expected at least one number from 0 to 1, in ascending order.`,
    );
  }
}
