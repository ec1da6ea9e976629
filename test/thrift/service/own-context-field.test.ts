import { Registry } from 'prom-client';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { configureMetrics, instrumentService } from '../../../src/index';
import { enableTracing } from '../../../src/opentelemetry';
import { thrift, type Service } from '../../support/start-thrift';
import { encodeCall, type Output, writeMap } from '../../support/encode-call';
import { serve } from './serve';
import { REPLY, type Wire, WIRES } from './wire';

thrift.setLogFunc?.(() => {});

const { Type, MessageType } = thrift.Thrift;

type Protocol = InstanceType<typeof thrift.TBinaryProtocol>;
type Answer = (error: null, result: string) => void;
interface Handler {
  tell(own: Record<string, string>, number: number, answer: Answer): void;
}

/** A processor as the compiler generates it for `string tell(8888: map<string,string> own, 1: i32 number)`. */
class TellingProcessor {
  constructor(readonly _handler: Handler) {}

  process(input: Protocol, output: Protocol): void {
    const { fname, rseqid } = input.readMessageBegin();
    if (fname === 'tell') this.process_tell(rseqid, input, output);
  }

  process_tell(seqid: number, input: Protocol, output: Protocol): void {
    const own: Record<string, string> = {};
    let number = 0;
    input.readStructBegin();
    for (;;) {
      const { ftype, fid } = input.readFieldBegin();
      if (ftype === Type.STOP) break;
      if (fid === 1 && ftype === Type.I32) number = input.readI32();
      else if (fid === 8888 && ftype === Type.MAP) {
        const { size } = input.readMapBegin();
        for (let i = 0; i < size; i++) {
          const name = input.readString();
          own[name] = input.readString();
        }
        input.readMapEnd();
      } else input.skip(ftype);
      input.readFieldEnd();
    }
    input.readStructEnd();
    input.readMessageEnd();
    this._handler.tell(own, number, (_error, result) => {
      output.writeMessageBegin('tell', MessageType.REPLY, seqid);
      output.writeStructBegin('result');
      output.writeFieldBegin('success', Type.STRING, 0);
      output.writeString(result);
      output.writeFieldEnd();
      output.writeFieldStop();
      output.writeStructEnd();
      output.writeMessageEnd();
      output.flush();
    });
  }
}

const telling = { Processor: TellingProcessor } as unknown as Service;

beforeEach(() => configureMetrics({ registry: new Registry() }));

describe.each(WIRES)('$protocol in $transport', (wire) => {
  test.each([
    ['without tracing', false],
    ['with tracing', true],
  ])('a handler gets its own argument with the id of the context: %s', async (_, isTraced) => {
    if (isTraced) onTestFinished(enableTracing());
    const seen: unknown[] = [];
    const handler: Handler = {
      tell(own, number, answer) {
        seen.push([{ ...own }, number]);
        answer(null, 'told');
      },
    };
    const { connect, errors } = await serve(instrumentService(telling), handler, wire);
    const client = await connect();
    const own = [
      ['tenant', 'acme'],
      ['baggage', 'thrift.caller=checkout'],
    ] as const;
    await client.deliver(encodeCall(wire, 'tell', 21, (output) => writeMap(output, 8888, own)));
    await client.deliver(encodeCall(wire, 'tell', 22, (output) => writeMap(output, 8888, [])));
    const before = (output: Output): void => writeMap(output, 8888, own);
    await client.deliver(encodeCall(wire, 'tell', 23, () => {}, before));
    expect(await client.replies(3)).toMatchObject([
      { type: REPLY },
      { type: REPLY },
      { type: REPLY },
    ]);
    expect(seen).toEqual([
      [Object.fromEntries(own), 21],
      [{}, 22],
      [Object.fromEntries(own), 23],
    ]);
    expect(errors).toEqual([]);
  });
});

test('a text where JSON should have a map fails as without metrics', async () => {
  const wire: Wire = { protocol: 'TJSONProtocol', transport: 'TBufferedTransport' };
  const failureOf = async (service: Service): Promise<string[]> => {
    const { connect, errors } = await serve(service, { tell: () => {} }, wire);
    const client = await connect();
    await client.deliver(Buffer.from('[1,"tell",1,1,{"8888":{"map":"text"}}]'));
    await client.closed();
    return errors.map(String);
  };
  const bare = await failureOf(telling);
  expect(bare).toHaveLength(1);
  expect(await failureOf(instrumentService(telling))).toEqual(bare);
});
