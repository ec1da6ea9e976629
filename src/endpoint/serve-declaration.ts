import type { ServerResponse } from 'node:http';

import type { Runtime } from '../runtime/runtime';
import { declarationDocument } from '../tools/declaration-document';
import { PROTECTION_HEADERS } from './respond';

/** The path at which a metrics server describes what its process declares. */
export const DECLARATION_PATH = '/-/declaration';

/** Responds with what this process declares, in the format of `thrift-metrics list --json`. */
export function serveDeclaration(runtime: Runtime, response: ServerResponse): void {
  const body = Buffer.from(declarationDocument(runtime));
  response.writeHead(200, {
    ...PROTECTION_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  // Node.js omits the body of a response to HEAD.
  response.end(body);
}
