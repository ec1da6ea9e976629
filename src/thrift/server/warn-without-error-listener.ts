import http = require('node:http');
import https = require('node:https');
import type { Server } from 'node:net';

import { ThriftMetricsError } from '../../errors';
import { warnOnce } from '../../registry/faults';

/**
 * Warns when nobody will listen to the errors of a server that Thrift emits the errors of its connections on. Looks in the
 * next turn: programs add the listener after they have awaited that the server listens.
 */
export function warnWithoutErrorListener(server: Server): void {
  if (server instanceof http.Server || server instanceof https.Server) return;
  setImmediate(() => {
    if (!server.listening || server.listenerCount('error') > 0) return;
    warnOnce(
      'instrumentServer',
      new ThriftMetricsError(
        'TM_ERR_NO_ERROR_LISTENER',
        "instrumentServer: the server has no 'error' listener: whoever sends it what is no Thrift message, or resets a connection, " +
          "ends this process. server.on('error', (error) => …) prevents it",
      ),
    );
  }).unref();
}
