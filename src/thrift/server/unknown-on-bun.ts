import { IS_BUN } from '../../runtime/javascript-runtime';
import type { Faults } from '../../runtime/faults';
import { ThriftMetricsError } from '../../validation/errors';
import { countsBytes, type ServerTransport } from './transport';

/** Reports, once for each of them, what Bun does not report about the connections of a server. */
export function reportUnknown(
  faults: Faults,
  transport: ServerTransport,
  isListening: boolean,
): void {
  if (!IS_BUN) return;
  const report = (what: string): void =>
    faults.warnOnce(
      `instrumentServer: ${what}`,
      new ThriftMetricsError('TM_ERR_RUNTIME', `instrumentServer: on Bun, ${what}.`),
    );
  if (!countsBytes(transport)) {
    report(
      'the connections of a web server do not count their bytes, so thrift_server_received_bytes_total and thrift_server_sent_bytes_total have no series for them. Use Node.js or Deno, or the sizes of messages that instrumentService records',
    );
  }
  if (transport === 'https') {
    report(
      'a web server does not report failed TLS handshakes, so thrift_server_tls_handshake_errors_total does not count them. Use Node.js or Deno',
    );
  }
  if (isListening) {
    report(
      'the connections that a server has accepted before it is instrumented are not known and do not count. Instrument it before it listens',
    );
  }
}
