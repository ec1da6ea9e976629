import { firstLine } from './output';

/** The server that a command expects at an address. */
export interface ExpectedServer {
  readonly name: string;
  /** The port that it listens on by default. */
  readonly port: number;
}

export const METRICS_SERVER: ExpectedServer = { name: 'the metrics server', port: 8000 };

/** The error codes for a certificate that Node.js does not accept. */
const CERTIFICATE_ERRORS = /CERT_|(?:SELF_SIGNED|ISSUER)_CERT|UNABLE_TO_VERIFY/;

/** The error codes for an answer that is not HTTP, and for a connection that ends without one. */
const NOT_HTTP = /^HPE_|^ECONNRESET$|^EPIPE$/;

/** Explains why a request got no answer, and what to do about it. */
export function explainFailure(
  error: unknown,
  url: URL,
  { name, port }: ExpectedServer,
  timeout: number,
): string {
  const { name: type, code = '' } = error as NodeJS.ErrnoException;
  if (type === 'TimeoutError' || type === 'AbortError') {
    return `no answer within ${timeout} s. A port that does not speak HTTP, such as that of a Thrift server, does not answer; if the port is right, raise --timeout.`;
  }
  // The message is empty if a host name has several addresses.
  const message = firstLine(error) || code || type;
  if (code === 'ECONNREFUSED') {
    return url.port === ''
      ? `${message}. The address has no port, and ${name} does not use that of ${url.protocol.slice(0, -1)}. Pass the port, as in ${url.hostname}:${port}.`
      : `${message}. Nothing listens on this port. Check that the program is running, and the port: ${name} uses ${port} by default.`;
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return `${message}. The name of the host is not known here. Check its spelling.`;
  }
  if (CERTIFICATE_ERRORS.test(code)) {
    return `${message}. Pass --insecure to accept any certificate.`;
  }
  if (/wrong version number|packet length too long/i.test(message)) {
    return 'the port does not speak TLS. Pass http:// instead of https://.';
  }
  if (NOT_HTTP.test(code)) {
    const other = url.protocol === 'http:' ? ', or needs https://' : '';
    return `${message}. The port does not speak HTTP: it may be that of a Thrift server${other}. ${capitalized(name)} uses ${port} by default.`;
  }
  return `${message}. Check the URL, and that the program is running.`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
