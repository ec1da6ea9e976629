import { SpanKind } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { Registry } from 'prom-client';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  onTestFinished,
  test,
} from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentService,
} from '../../../src/index';
import { enableTracing } from '../../../src/opentelemetry';
import { collectSpans } from '../../signals/collect-spans';
import { published } from '../../signals/published';
import { runProgram, startProgram, type Program } from '../../support/start-program';
import { startThrift, thrift, type Service } from '../../support/start-thrift';
import { CLASS_PATH, compilePeer } from './install-java';
import { encode, type Field, type Message, type Protocol, type Transport } from './messages';

const JAVA = '/usr/bin/java';
const TRANSPORTS = { buffered: thrift.TBufferedTransport, framed: thrift.TFramedTransport };
const PROTOCOLS = {
  binary: thrift.TBinaryProtocol,
  compact: thrift.TCompactProtocol,
  json: thrift.TJSONProtocol,
};

const WIRES = (['framed', 'buffered'] as const).flatMap((transport) =>
  (['binary', 'compact', 'json'] as const).map((protocol) => ({ transport, protocol })),
);
const CASES = WIRES.flatMap((wire) =>
  (['aware', 'unaware'] as const).map((awareness) => ({ ...wire, awareness })),
);

const Calculator = require('../../../examples/calculator/gen-nodejs/Calculator.js') as Service;
const {
  InvalidOperation,
  Operation,
  Work,
} = require('../../../examples/calculator/gen-nodejs/calculator_types.js');

interface CalculatorClient {
  ping(): Promise<void>;
  add(left: number, right: number): Promise<number>;
  calculate(logid: number, work: object): Promise<number>;
  zip(): Promise<void>;
}

/** The calls that both sides make, with the fields of their arguments and of their results. */
const CALLS: readonly { name: string; args: readonly Field[]; result: readonly Field[] | null }[] =
  [
    { name: 'ping', args: [], result: [] },
    {
      name: 'add',
      args: [
        [1, { i32: 2 }],
        [2, { i32: 3 }],
      ],
      result: [[0, { i32: 5 }]],
    },
    {
      name: 'calculate',
      args: [
        [1, { i32: 2 }],
        [
          2,
          {
            struct: [
              [1, { i32: 1 }],
              [2, { i32: 0 }],
              [3, { i32: 4 }],
            ],
          },
        ],
      ],
      result: [
        [
          1,
          {
            struct: [
              [1, { i32: 4 }],
              [2, { text: 'division by 0' }],
            ],
          },
        ],
      ],
    },
    { name: 'zip', args: [], result: null },
    { name: 'ping', args: [], result: [] },
  ];

/** The context that the aware client in Java sends. */
const SENT: Field = [
  8888,
  {
    map: [
      ['traceparent', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'],
      ['tracestate', 'vendor=value'],
    ],
  },
];

const spans = collectSpans();
let java: Program;
let disable: () => void;

beforeAll(async () => {
  // Contexts consist of the trace alone: without the name of the caller, which is that of the service from the first server on.
  configureMetrics({ registry: new Registry(), onError: () => {}, callers: false });
  compilePeer();
  java = startProgram(JAVA, ['-cp', CLASS_PATH, 'Peer', 'serve']);
  await java.writes(new RegExp(`(?:port .*\\n){${CASES.length}}`));
});
afterAll(() => java?.stop());
beforeEach(() => {
  disable = enableTracing();
});
afterEach(() => disable());

interface Case {
  readonly transport: Transport;
  readonly protocol: Protocol;
}

const hexOf = ({ transport, protocol }: Case, message: Message): string =>
  encode(transport, protocol, message).toString('hex');

/** The request of a call in hexadecimal, with a context at its end if one is given. */
function requestOf(wire: Case, index: number, context: Field | null): string {
  const { name, args, result } = CALLS[index] as (typeof CALLS)[number];
  const type = result === null ? 'oneway' : 'call';
  const fields = context === null ? args : [...args, context];
  return hexOf(wire, { name, type, seqid: index + 1, fields });
}

/** The reply in hexadecimal, or `-`. */
function replyOf(wire: Case, index: number): string {
  const { name, result } = CALLS[index] as (typeof CALLS)[number];
  if (result === null) return '-';
  return hexOf(wire, { name, type: 'reply', seqid: index + 1, fields: result });
}

function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

describe.each(CASES)('Java over $transport $protocol, $awareness of contexts', (wire) => {
  const { transport, protocol, awareness } = wire;
  const options = { transport: TRANSPORTS[transport], protocol: PROTOCOLS[protocol] };
  const isAware = awareness === 'aware';

  test('a server in Java answers a traced client, byte for byte', async () => {
    const [, port = ''] = await java.writes(
      new RegExp(`^port ${transport} ${protocol} ${awareness} (\\d+)$`, 'm'),
    );
    const connection = thrift.createConnection('127.0.0.1', Number(port), options);
    onTestFinished(() => connection.destroy());
    const client = instrumentClient(
      thrift.createClient<CalculatorClient>(Calculator as never, connection),
    );

    await client.ping();
    expect(await client.add(2, 3)).toBe(5);
    const work = new Work({ left: 1, right: 0, op: Operation.DIVIDE });
    await expect(client.calculate(2, work)).rejects.toMatchObject({ why: 'division by 0' });
    await client.zip();
    await client.ping();

    const sent = spans.all().filter(({ kind }) => kind === SpanKind.CLIENT);
    expect(sent).toHaveLength(CALLS.length);
    // The traceparent differs in each test, so it finds the lines of this one.
    for (const [index, span] of sent.entries()) {
      const traceparent = traceparentOf(span);
      const context: Field = [8888, { map: [['traceparent', traceparent]] }];
      const expected = [
        'call',
        CALLS[index]?.name,
        isAware ? traceparent : '-',
        requestOf(wire, index, context),
        replyOf(wire, index),
      ].join(' ');
      // oxlint-disable-next-line no-await-in-loop -- in the order of the calls
      const [, line] = await java.writes(
        new RegExp(`^(call .*${hexOfText(traceparent)}.*)\\n`, 'm'),
      );
      expect(line).toBe(expected);
    }
  });

  test('a traced server answers a client in Java, byte for byte', async () => {
    const handler = {
      ping: async (): Promise<void> => {},
      add: async (left: number, right: number): Promise<number> => left + right,
      async calculate(_logid: number, { op }: { op: number }): Promise<never> {
        throw new InvalidOperation({ operation: op, why: 'division by 0' });
      },
      zip(): void {},
    };
    const server = await startThrift(
      instrumentService(Calculator),
      instrumentHandler(handler, { service: 'Calculator' }),
      options,
    );
    onTestFinished(() => server.close());
    const calls = published('server');

    const { code, stdout, stderr } = await runProgram(JAVA, [
      '-cp',
      CLASS_PATH,
      'Peer',
      'call',
      transport,
      protocol,
      awareness,
      String(server.port),
    ]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = CALLS.map(({ name }, index) =>
      ['called', name, requestOf(wire, index, isAware ? SENT : null), replyOf(wire, index)].join(
        ' ',
      ),
    );
    expect(stdout.trim().split('\n')).toEqual(lines);
    await calls.ended(CALLS.length);
    const served = spans.all();
    expect(served.map(({ name }) => name)).toEqual(CALLS.map(({ name }) => `Calculator/${name}`));
    for (const span of served) {
      if (isAware) {
        expect(span.spanContext().traceId).toBe('0af7651916cd43dd8448eb211c80319c');
        expect(span.parentSpanContext).toMatchObject({
          spanId: 'b7ad6b7169203331',
          isRemote: true,
        });
        expect(span.spanContext().traceState?.get('vendor')).toBe('value');
      } else expect(span.parentSpanContext).toBeUndefined();
    }
  });
});

function hexOfText(text: string): string {
  return Buffer.from(text).toString('hex');
}
