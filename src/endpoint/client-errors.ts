import { STATUS_CODES, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

import { PROTECTION_HEADERS, respond } from './respond';

/** Statuses of the errors of the parser of Node.js. Every other error means that the request is malformed. */
const STATUSES: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

const MALFORMED = 400;

/** Sends the answers that Node.js would otherwise send itself, with the headers of every other response. */
export function answerClientErrors(server: Server | TlsServer): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const { code = '' } = error;
    // Other errors, such as a failed handshake or a reset, leave no reader that could be answered.
    if (/^(?:HPE|ERR_HTTP)_/.test(code) && socket.writable && !hasBegunResponse(socket)) {
      socket.write(answerOf(STATUSES[code] ?? MALFORMED));
    }
    socket.destroy(error);
  });
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    respond(response, 417, 'the expectation cannot be met');
  });
}

/** Whether a request lacks the Host header that HTTP/1.1 requires. Node.js would answer it without our headers. */
export function lacksHost({ httpVersion, headers }: IncomingMessage): boolean {
  return httpVersion === '1.1' && headers.host === undefined;
}

/** Whether an answer would end up in the middle of a response. Node.js decides by the same private property. */
function hasBegunResponse(socket: Socket): boolean {
  const { _httpMessage: current } = socket as { _httpMessage?: ServerResponse | null };
  return current?.headersSent === true;
}

function answerOf(status: number): string {
  const headers = Object.entries({ ...PROTECTION_HEADERS, Connection: 'close' });
  const lines = headers.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n`;
}
