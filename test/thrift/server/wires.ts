/** How a client reaches a server, including what wraps the Thrift messages. */
export type Wire = 'tcp' | 'unix' | 'tls' | 'http' | 'https' | 'ws' | 'wss';

export const WIRES: readonly Wire[] = ['tcp', 'unix', 'tls', 'http', 'https', 'ws', 'wss'];

/** The transport label of a connection on each wire, after any upgrade. */
export const TRANSPORT = {
  tcp: 'tcp',
  unix: 'unix',
  tls: 'tls',
  http: 'http',
  https: 'https',
  ws: 'websocket',
  wss: 'websocket',
} as const satisfies Record<Wire, string>;

export const isWeb = (wire: Wire): boolean => /^(http|ws)/.test(wire);
export const isEncrypted = (wire: Wire): boolean => /^(tls|https|wss)$/.test(wire);
export const isWebSocket = (wire: Wire): boolean => wire.startsWith('ws');

export const UPGRADE = Buffer.from(
  'GET /thrift HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n',
);

/** Wraps a Thrift message for the wire. */
export function wrap(wire: Wire, message: Buffer): Buffer {
  if (isWebSocket(wire)) return webSocketFrame(message);
  return isWeb(wire) ? post(message) : message;
}

export function post(body: Buffer, announced = body.length, path = '/thrift'): Buffer {
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${announced}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

/** A masked frame, as clients must send (RFC 6455, section 5.3). */
export function webSocketFrame(payload: Buffer, firstByte = 0x82): Buffer {
  if (payload.length > 125) throw new Error('a longer frame has another head');
  const mask = Buffer.from([0x12, 0x34, 0x56, 0x78]);
  const masked = payload.map((byte, i) => byte ^ (mask[i % 4] as number));
  return Buffer.concat([Buffer.from([firstByte, 0x80 | payload.length]), mask, masked]);
}
