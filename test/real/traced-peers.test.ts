import { join } from 'node:path';

import { SpanKind } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import { instrumentClient, instrumentHandler, instrumentService } from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { collectSpans } from '../signals/collect-spans';
import { startProgram } from '../support/start-program';
import { startThrift, thrift, type Service } from '../support/start-thrift';
import { PYTHON_PEERS } from './peers/python-peers';

// Debian's own Python, regardless of others in the path.
const PYTHON = '/usr/bin/python3';
const IDL = 'examples/calculator/calculator.thrift';
const GENERATED = join(__dirname, 'peers/gen-py');

const TRANSPORTS = { buffered: thrift.TBufferedTransport, framed: thrift.TFramedTransport };
const PROTOCOLS = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};

const Calculator = require('../../examples/calculator/gen-nodejs/Calculator.js') as Service;
const { Operation, Work } = require('../../examples/calculator/gen-nodejs/calculator_types.js');

interface CalculatorClient {
  ping(): Promise<void>;
  add(left: number, right: number): Promise<number>;
  calculate(logid: number, work: object): Promise<number>;
  zip(): Promise<void>;
}

const spans = collectSpans();
let disable: () => void;
beforeEach(() => {
  disable = enableTracing();
});
afterEach(() => disable());

function connect(port: number, options: object, name: string): CalculatorClient {
  const connection = thrift.createConnection('127.0.0.1', port, options);
  onTestFinished(() => connection.destroy());
  connection.on('error', () => {});
  return instrumentClient(thrift.createClient<CalculatorClient>(Calculator as never, connection), {
    name,
  });
}

test.each(PYTHON_PEERS)(
  'one trace leads through two services to a Python server that does not know of it: %s, %s, %s',
  async (library, transport, protocol) => {
    const args =
      library === 'thriftpy'
        ? ['test/real/peers/serve_calculator.py', transport, IDL]
        : ['test/real/peers/serve_apache.py', transport, protocol, GENERATED];
    const python = startProgram(PYTHON, args);
    onTestFinished(() => python.stop());
    const [, port = ''] = await python.writes(/listening on (\d+)/);
    const options = { transport: TRANSPORTS[transport], protocol: PROTOCOLS[protocol] };
    const toPython = connect(Number(port), options, 'to Python');
    const middle = await startThrift(
      instrumentService(Calculator),
      instrumentHandler(
        { add: async (left: number, right: number) => toPython.add(left, right) },
        { service: 'Middle' },
      ),
    );
    onTestFinished(() => middle.close());
    const toMiddle = connect(middle.port, {}, 'to middle');
    const first = await startThrift(
      instrumentService(Calculator),
      instrumentHandler(
        { add: async (left: number, right: number) => toMiddle.add(left, right) },
        { service: 'First' },
      ),
    );
    onTestFinished(() => first.close());
    expect(await connect(first.port, {}, 'to first').add(2, 3)).toBe(5);

    const { traceId } = spans.named('Middle/add').spanContext();
    const traced = spans.all().map((span) => [span.kind, span.spanContext().traceId]);
    expect(traced).toHaveLength(5);
    expect(new Set(traced.map(([, id]) => id))).toEqual(new Set([traceId]));
    expect(traced.filter(([kind]) => kind === SpanKind.CLIENT)).toHaveLength(3);

    // Every kind of call still works, one after another on one connection.
    await toPython.ping();
    const work = (op: number): object => new Work({ left: 6, right: 0, op });
    expect(await toPython.calculate(1, work(Operation.MULTIPLY))).toBe(0);
    await expect(toPython.calculate(2, work(Operation.DIVIDE))).rejects.toMatchObject({
      why: 'division by 0',
    });
    await toPython.zip();
    await toPython.ping();
  },
);
