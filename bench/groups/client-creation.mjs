// Measures the creation of a client with 21 methods, which pools do for every call.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

import { instrumentClient } from 'thrift-metrics';

import { compare, report } from '../measure.mjs';

// The driver brings the service, and the copy of `thrift` that its generated code needs.
const requireInDriver = createRequire(createRequire(import.meta.url).resolve('hive-driver'));
const thrift = requireInDriver('thrift');
const service = requireInDriver('../thrift/gen-nodejs/TCLIService');

/** A connection that writes nothing. */
const connection = Object.assign(new EventEmitter(), {
  transport: thrift.TBufferedTransport,
  protocol: thrift.TBinaryProtocol,
  write() {},
});

report(
  await compare({
    bare: () => thrift.createClient(service, connection),
    instrumented: () =>
      instrumentClient(thrift.createClient(service, connection), { name: 'bench', connection }),
  }),
);
