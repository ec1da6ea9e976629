import { join } from 'node:path';

import { SpanKind } from '@opentelemetry/api';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import { instrumentClient, instrumentHandler, instrumentService } from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { collectSpans } from '../signals/collect-spans';
import { runProgram, startProgram } from '../support/start-program';
import { startThrift, thrift, type Service } from '../support/start-thrift';
import { ANSWERS, PYTHON_PEERS } from './peers/python-peers';

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
const {
  InvalidOperation,
  Operation,
  Work,
} = require('../../examples/calculator/gen-nodejs/calculator_types.js');
const { Entry, NotFound } = require('../../examples/calculator/gen-nodejs/shared_types.js');

interface CalculatorClient {
  ping(): Promise<void>;
  add(left: number, right: number): Promise<number>;
  calculate(logid: number, work: object): Promise<number>;
  zip(): Promise<void>;
}

interface Operands {
  readonly left: number;
  readonly right: number;
  readonly op: number;
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

// Each hop has the transport and the protocol of the Python server.
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
      options,
    );
    onTestFinished(() => middle.close());
    const toMiddle = connect(middle.port, options, 'to middle');
    const first = await startThrift(
      instrumentService(Calculator),
      instrumentHandler(
        { add: async (left: number, right: number) => toMiddle.add(left, right) },
        { service: 'First' },
      ),
      options,
    );
    onTestFinished(() => first.close());
    expect(await connect(first.port, options, 'to first').add(2, 3)).toBe(5);

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

test.each(PYTHON_PEERS)(
  'a Python client that knows nothing of traces gets the answers of a traced server: %s, %s, %s',
  async (library, transport, protocol) => {
    const handler = {
      ping: async (): Promise<void> => {},
      add: async (left: number, right: number): Promise<number> => left + right,
      async calculate(_logid: number, { left, right, op }: Operands): Promise<number> {
        if (op !== Operation.MULTIPLY) throw new InvalidOperation({ operation: op, why: 'no' });
        return left * right;
      },
      async getStruct(key: number): Promise<object> {
        if (key > 1) throw new NotFound({ key, hint: 'none' });
        return new Entry({ key, value: '42' });
      },
      recentKeys: async (_limit: number): Promise<number[]> => [1],
      factorize: async (_number: number): Promise<number[]> => [2, 2, 3],
      async mean(values: number[]): Promise<number> {
        if (values.length === 0) throw new RangeError('the mean of no values');
        return 3;
      },
      zip(): void {},
    };
    const options = { transport: TRANSPORTS[transport], protocol: PROTOCOLS[protocol] };
    const server = await startThrift(
      instrumentService(Calculator),
      instrumentHandler(handler, { service: 'Calculator' }),
      options,
    );
    onTestFinished(() => server.close());
    const source = library === 'thriftpy' ? IDL : GENERATED;

    const { code, stdout, stderr } = await runProgram(PYTHON, [
      'test/real/peers/call_calculator.py',
      library,
      String(server.port),
      transport,
      protocol,
      source,
    ]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const calls = JSON.parse(stdout) as { method: string; outcome: unknown[] }[];
    expect(calls.map(({ method, outcome }) => [method, ...outcome])).toEqual(ANSWERS);
    const served = spans.all();
    expect(served.map(({ name }) => name)).toEqual(
      calls.map(({ method }) => `Calculator/${method}`),
    );
    for (const span of served) expect(span.parentSpanContext).toBeUndefined();
  },
);
