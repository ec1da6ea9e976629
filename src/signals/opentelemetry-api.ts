import type * as api from '@opentelemetry/api';

import { ThriftMetricsError } from '../validation/errors';

export type OpenTelemetry = typeof api;

/**
 * Loads the API of OpenTelemetry, which is an optional peer dependency. `where` begins the message of the error.
 *
 * @throws `ThriftMetricsError` `TM_ERR_OPENTELEMETRY` if it cannot be loaded.
 */
export function loadOpenTelemetry(where: string): OpenTelemetry {
  try {
    return require('@opentelemetry/api') as OpenTelemetry;
  } catch (cause) {
    throw new ThriftMetricsError(
      'TM_ERR_OPENTELEMETRY',
      `${where} needs the package @opentelemetry/api, which cannot be loaded here. Install it: npm install @opentelemetry/api.`,
      { cause },
    );
  }
}
