import { once } from 'node:events';
import { join } from 'node:path';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { instrumentClient, renderMetrics } from '../../src/index';
import { startProgram, type Program } from '../support/start-program';
import { thrift, type Service } from '../support/start-thrift';
import { sumOf } from '../support/sum-of';
import { parseText, type Sample } from '../support/text-format';
import { ANSWERS, PYTHON_PEERS } from './peers/python-peers';

// Debian's own Python, regardless of others in the path.
const PYTHON = '/usr/bin/python3';
const IDL = 'examples/calculator/calculator.thrift';
/** What Thrift's compiler wrote for this IDL. */
const GENERATED = join(__dirname, 'peers/gen-py');

interface PeerCall {
  readonly method: string;
  readonly outcome: readonly [kind: 'reply' | 'declared' | 'application', what: unknown];
  /** Bytes written and received. */
  readonly bytes: readonly [number, number];
}

/** Size of the header that transports put before each message, in bytes. */
const HEADER = { buffered: 0, framed: 4 };

const ONEWAY = new Set(['zip']);

/** Methods of the service that Calculator extends. Their handler class names another service. */
const SHARED = new Set(['getStruct', 'recentKeys']);

describe.each(PYTHON_PEERS)('a Python client: %s, %s, %s', (library, transport, protocol) => {
  let calls: PeerCall[];
  let samples: Sample[];

  beforeAll(async () => {
    const server = startProgram(process.execPath, [
      '--import',
      'tsx',
      'test/real/peers/calculator-server.ts',
      transport,
      protocol,
    ]);
    try {
      const [, port = '', metrics = ''] = await server.writes(/thrift (\d+) metrics (\d+)/);
      calls = await callCalculator(library, port, transport, protocol);
      const response = await fetch(`http://127.0.0.1:${metrics}/metrics`);
      samples = parseText(await response.text());
    } finally {
      await server.stop();
    }
  });

  test('a Python client gets the answers of the handler', () => {
    expect(calls.map(({ method, outcome }) => [method, ...outcome])).toEqual(ANSWERS);
  });

  test('the metrics match the calls, errors and bytes of a Python client', () => {
    for (const method of new Set(calls.map((call) => call.method))) {
      const made = calls.filter((call) => call.method === method);
      const of = (kind: string) => made.filter(({ outcome }) => outcome[0] === kind).length;
      const answers = ONEWAY.has(method) ? 0 : made.length;
      const header = HEADER[transport];
      const reported = (name: string, labels: Record<string, string> = {}) =>
        sumOf(samples, name, {
          thrift_service: SHARED.has(method) ? 'SharedService' : 'Calculator',
          thrift_method: method,
          ...labels,
        });
      // A oneway method has no series of replies.
      const reportedReplies = (name: string, labels: Record<string, string> = {}) =>
        ONEWAY.has(method) ? 0 : reported(name, labels);
      expect({
        method,
        requests: reported('thrift_server_requests_total'),
        replies: reportedReplies('thrift_server_messages_total', { thrift_reply: 'reply' }),
        exceptions: reportedReplies('thrift_server_messages_total', { thrift_reply: 'exception' }),
        none: reported('thrift_server_messages_total', { thrift_reply: 'none' }),
        declared: reported('thrift_server_errors_total', { thrift_exception_kind: 'declared' }),
        undeclared: reported('thrift_server_errors_total', { thrift_exception_kind: 'undeclared' }),
        requestBytes: reported('thrift_server_request_size_bytes_sum'),
        requestCount: reported('thrift_server_request_size_bytes_count'),
        responseBytes: reportedReplies('thrift_server_response_size_bytes_sum'),
        responseCount: reportedReplies('thrift_server_response_size_bytes_count'),
        active: reported('thrift_server_active_messages'),
      }).toEqual({
        method,
        requests: made.length,
        replies: ONEWAY.has(method) ? 0 : of('reply') + of('declared'),
        exceptions: of('application'),
        none: made.length - answers,
        declared: of('declared'),
        undeclared: of('application'),
        requestBytes: sum(made.map(({ bytes }) => bytes[0])) - made.length * header,
        requestCount: made.length,
        responseBytes: sum(made.map(({ bytes }) => bytes[1])) - answers * header,
        responseCount: answers,
        active: 0,
      });
    }
  });

  test('the metrics count one connection of a Python client and its bytes', () => {
    const tcp = { thrift_transport: 'tcp' };
    expect(sumOf(samples, 'thrift_server_connections_total', tcp)).toBe(1);
    expect(sumOf(samples, 'thrift_server_received_bytes_total', tcp)).toBe(
      sum(calls.map(({ bytes }) => bytes[0])),
    );
    expect(sumOf(samples, 'thrift_server_sent_bytes_total', tcp)).toBe(
      sum(calls.map(({ bytes }) => bytes[1])),
    );
  });
});

interface CalculatorClient {
  ping(): Promise<void>;
  add(left: number, right: number): Promise<number>;
  calculate(logid: number, work: object): Promise<number>;
  mean(values: number[]): Promise<number>;
  zip(): Promise<void>;
}

describe.each(['buffered', 'framed'] as const)('a ThriftPy server: %s', (transport) => {
  test('the metrics of an instrumented Node.js client match what a ThriftPy server did', async () => {
    const server = startProgram(PYTHON, ['test/real/peers/serve_calculator.py', transport, IDL]);
    const [, port = ''] = await server.writes(/listening on (\d+)/);
    const name = `to-thriftpy-${transport}`;
    const connection = thrift.createConnection('127.0.0.1', Number(port), {
      transport: transport === 'framed' ? thrift.TFramedTransport : thrift.TBufferedTransport,
      protocol: thrift.TBinaryProtocol,
    });
    onTestFinished(() => connection.destroy());
    connection.on('error', () => {});
    const { Operation, Work } = require('../../examples/calculator/gen-nodejs/calculator_types.js');
    const Calculator = require('../../examples/calculator/gen-nodejs/Calculator.js') as Service;
    const client = instrumentClient(
      thrift.createClient<CalculatorClient>(Calculator as never, connection),
      { name },
    );
    const work = (op: number) => new Work({ left: 6, right: 0, op });
    await client.ping();
    for (let i = 0; i < 7; i++) expect(await client.add(i, 1)).toBe(i + 1);
    expect(await client.calculate(1, work(Operation.MULTIPLY))).toBe(0);
    await expect(client.calculate(2, work(Operation.DIVIDE))).rejects.toMatchObject({
      why: 'division by 0',
    });
    await client.zip();
    await client.ping();
    // ThriftPy closes the connection when a handler fails with an undeclared error, here because it lacks the method.
    const closed = once(connection, 'close');
    void client.mean([]);
    await closed;

    const did = await end(server);
    const samples = parseText((await renderMetrics()).body.toString());
    const reported = (metric: string, method: string, labels: Record<string, string> = {}) =>
      sumOf(samples, metric, { thrift_client_name: name, thrift_method: method, ...labels });
    expect(did).toEqual({ ping: 2, add: 7, calculate: 2, 'calculate InvalidOperation': 1, zip: 1 });
    for (const method of ['ping', 'add', 'calculate', 'zip']) {
      expect([method, reported('thrift_client_requests_total', method)]).toEqual([
        method,
        did[method],
      ]);
    }
    expect(
      reported('thrift_client_errors_total', 'calculate', {
        thrift_exception_type: 'InvalidOperation',
        thrift_exception_kind: 'declared',
      }),
    ).toBe(did['calculate InvalidOperation']);
    expect(
      reported('thrift_client_errors_total', 'mean', { thrift_exception_kind: 'transport' }),
    ).toBe(1);
    expect(sumOf(samples, 'thrift_client_active_requests', { thrift_client_name: name })).toBe(0);
  });
});

async function callCalculator(
  library: string,
  port: string,
  transport: string,
  protocol: string,
): Promise<PeerCall[]> {
  const source = library === 'apache' ? GENERATED : IDL;
  const { code, stdout, stderr } = await startProgram(PYTHON, [
    'test/real/peers/call_calculator.py',
    library,
    port,
    transport,
    protocol,
    source,
  ]).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as PeerCall[];
}

async function end(server: Program): Promise<Record<string, number>> {
  server.signal('SIGTERM');
  const { stdout } = await server.ended;
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Record<string, number>;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
