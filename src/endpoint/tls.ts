import type { ServerOptions } from 'node:https';

import { ThriftMetricsError } from '../errors';
import { isObject } from '../validation/options';
import { requireOption } from './require-option';

/** Refuses options for HTTPS without a certificate, and those that are named and have no value. */
export function checkTls(where: string, tls: ServerOptions): void {
  requireOption(where, 'tls', tls, isObject, 'an object with cert and key');
  for (const [name, value] of Object.entries(tls)) {
    // Without one, an encrypted key cannot be used at all, and others need none.
    if (name === 'passphrase') continue;
    requireOption(`${where}: tls`, name, value, isGiven, 'a value, or no such key,');
  }
  const { cert, key, pfx, SNICallback } = tls;
  // Node would listen without one, and then fail each handshake.
  if ((cert === undefined || key === undefined) && pfx === undefined && SNICallback === undefined) {
    throw new ThriftMetricsError('TM_ERR_TLS', `${where}: tls: cert and key are both needed`);
  }
}

/** Node takes what is empty for what is not there: with `ca: ''` it trusts all public authorities. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
