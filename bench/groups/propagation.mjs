// What the context of a trace costs an RPC: from the call of a client to its result, over memory instead of a socket, with
// the OpenTelemetry SDK of the major version in the first argument.
import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';

import { instrumentClient, instrumentHandler, instrumentService } from 'thrift-metrics';
import { enableTracing } from 'thrift-metrics/opentelemetry';

import { AsyncHandler } from '../handlers.mjs';
import { compare, report } from '../measure.mjs';
import { startSdk } from '../tracing-sdk.mjs';

const require = createRequire(import.meta.url);
const thrift = require('thrift');
const Calculator = require('../../examples/calculator/gen-nodejs/Calculator.js');

const { TBinaryProtocol, TFramedTransport } = thrift;

/** Connects a client with a processor. Each side reads the frames that the other one writes. */
function connect(service, handler) {
  const processor = new service.Processor(handler);
  const sizes = [];
  const connection = Object.assign(new EventEmitter(), {
    transport: TFramedTransport,
    protocol: TBinaryProtocol,
    write(request) {
      sizes[0] = request.length;
      const output = new TFramedTransport(undefined, answer);
      TFramedTransport.receiver((input) => {
        processor.process(new TBinaryProtocol(input), new TBinaryProtocol(output));
      })(request);
    },
  });
  const client = thrift.createClient(Calculator, connection);
  function answer(reply) {
    TFramedTransport.receiver((input) => {
      const protocol = new TBinaryProtocol(input);
      const { fname, mtype, rseqid } = protocol.readMessageBegin();
      client[`recv_${fname}`](protocol, mtype, rseqid);
    })(reply);
  }
  return { client, connection, requestSize: () => sizes[0] };
}

const bare = connect(Calculator, new AsyncHandler());
const measured = connect(
  instrumentService(Calculator),
  instrumentHandler(new AsyncHandler(), { service: 'Calculator' }),
);
const { connection } = measured;
const client = instrumentClient(measured.client, { name: 'bench', connection });

async function requestSizeOf({ requestSize }, add) {
  if ((await add(1, 2)) !== 3) throw new Error('the answer is wrong');
  return requestSize();
}

const callBare = (a, b) => bare.client.add(a, b);
const callMeasured = (a, b) => client.add(a, b);
const bytes = {
  bareBytes: await requestSizeOf(bare, callBare),
  untracedBytes: await requestSizeOf(measured, callMeasured),
};
const untraced = await compare({
  bare: () => callBare(1, 2),
  untraced: () => callMeasured(1, 2),
});

const { provider } = startSdk(process.argv[2]);
enableTracing({ tracerProvider: provider, propagation: false });
const { notPropagated } = await compare({ notPropagated: () => callMeasured(1, 2) });
enableTracing({ tracerProvider: provider, propagation: 'field' });
const tracedBytes = await requestSizeOf(measured, callMeasured);
if (tracedBytes <= bytes.untracedBytes) throw new Error('no context was sent');
const { traced } = await compare({ traced: () => callMeasured(1, 2) });

report({ ...untraced, notPropagated, traced, ...bytes, tracedBytes });
