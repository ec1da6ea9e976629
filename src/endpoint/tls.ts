import type { RequestListener } from 'node:http';
import https = require('node:https');
import type { Server, ServerOptions } from 'node:https';

import type { Limits } from '../scrape/deadlines';
import { isObject } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { isEmpty, mustBeSet } from './access-option';

const checkForm = mustBeSet(isObject, 'an object with cert and key');

/** Node.js treats an empty option as missing. With `ca: ''`, for example, it would trust all public authorities. */
const checkValue = mustBeSet(
  (value) => !isEmpty(value),
  'a value. Remove the key to use the default of Node.js',
);

/** @throws {@link ThriftMetricsError} if the option `tls` has an empty value, or has no certificate. */
export function checkTls(where: string, name: string, tls: unknown): void {
  checkForm(where, name, tls);
  for (const [key, value] of Object.entries(tls as ServerOptions)) {
    // Without its passphrase, an encrypted key cannot be used at all, and other keys need none.
    if (key !== 'passphrase') checkValue(`${where}: ${name}`, key, value);
  }
  const { cert, key, pfx, SNICallback } = tls as ServerOptions;
  if ((cert === undefined || key === undefined) && pfx === undefined && SNICallback === undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_TLS',
      `${where}: ${name} has no certificate with its key, so every handshake would fail. Set both cert and key.`,
    );
  }
}

/**
 * Creates a server for options that {@link checkTls} accepts.
 *
 * @throws {@link ThriftMetricsError} if Node.js cannot use the options.
 */
export function createTlsServer(
  where: string,
  tls: ServerOptions,
  limits: Limits,
  listener: RequestListener,
): Server {
  try {
    // By default, Node.js would accept the authorities but not request a certificate.
    const requestCert = tls.ca !== undefined;
    return https.createServer(
      { ...limits, requireHostHeader: false, requestCert, ...tls },
      listener,
    );
  } catch (error) {
    throw new ThriftMetricsError(
      'TM_ERR_TLS',
      `${where}: Node.js cannot use the option 'tls': ${(error as Error).message}. Set cert and key to a certificate and its own key, in PEM format.`,
      { cause: error },
    );
  }
}
