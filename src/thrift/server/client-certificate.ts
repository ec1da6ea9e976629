import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';

/** Whether a client has presented a certificate that its server has verified. */
export function isAuthorized(socket: Socket): socket is TLSSocket {
  return (socket as Partial<TLSSocket>).authorized === true;
}

/** The common name of the subject of the certificate of a client, or null. */
export function certificateNameOf(socket: TLSSocket): string | null {
  // Null if the connection has ended. A subject may have several names, which Node.js lists.
  const subject = (socket.getPeerCertificate() as { subject?: { CN?: unknown } } | null)?.subject;
  const name = subject?.CN;
  return typeof name === 'string' ? name : null;
}
