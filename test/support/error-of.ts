import { ThriftMetricsError } from '../../src/index';

/** The coded error that an action throws. */
export function errorOf(action: () => unknown): ThriftMetricsError {
  try {
    action();
  } catch (error) {
    if (error instanceof ThriftMetricsError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
