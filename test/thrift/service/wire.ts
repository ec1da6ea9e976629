import { thrift } from '../../support/start-thrift';

type Protocols = Pick<typeof thrift, 'TBinaryProtocol' | 'TCompactProtocol' | 'TJSONProtocol'>;
type Transports = Pick<typeof thrift, 'TFramedTransport' | 'TBufferedTransport'>;

/** What a client and its server must agree on. */
export interface Wire {
  readonly protocol: keyof Protocols;
  readonly transport: keyof Transports;
}

export const WIRES: readonly Wire[] = (['TFramedTransport', 'TBufferedTransport'] as const).flatMap(
  (transport) =>
    (['TBinaryProtocol', 'TCompactProtocol', 'TJSONProtocol'] as const).map((protocol) => ({
      protocol,
      transport,
    })),
);

export const BINARY_FRAMED: Wire = { protocol: 'TBinaryProtocol', transport: 'TFramedTransport' };
export const BINARY_BUFFERED: Wire = {
  protocol: 'TBinaryProtocol',
  transport: 'TBufferedTransport',
};

/** Options for `createServer` and `createConnection`. */
export function wireOptions({ protocol, transport }: Wire) {
  return { protocol: thrift[protocol], transport: thrift[transport] };
}

const CALL = 1;
export const REPLY = 2;
export const EXCEPTION = 3;
export const ONEWAY = 4;

type Field = [id: number, value: number | string];

/** An arbitrary message, including ones that no generated client would write. */
export interface Message {
  readonly name: string;
  readonly type?: number;
  readonly seqid?: number;
  /** The arguments. Numbers are i32. */
  readonly fields?: readonly Field[];
}

interface Beginning {
  writeMessageBegin(name: string, type: number, seqid: number): void;
}

/** Encodes a message with `thrift` itself, including the bytes of the transport. */
export function encode(wire: Wire, { name, type = CALL, seqid = 1, fields = [] }: Message): Buffer {
  const { protocol: Protocol, transport: Transport } = wireOptions(wire);
  const written: Buffer[] = [];
  const output = new Protocol(new Transport(undefined, (bytes) => void written.push(bytes!)));
  const { Type } = thrift.Thrift;
  (output as Beginning).writeMessageBegin(name, type, seqid);
  output.writeStructBegin('args');
  for (const [id, value] of fields) {
    const isText = typeof value === 'string';
    output.writeFieldBegin('', isText ? Type.STRING : Type.I32, id);
    if (isText) output.writeString(value);
    else output.writeI32(value);
    output.writeFieldEnd();
  }
  output.writeFieldStop();
  output.writeStructEnd();
  output.writeMessageEnd();
  output.flush();
  return Buffer.concat(written);
}

/** The size of the message itself, without the transport. */
export function messageSize({ transport }: Wire, sent: Buffer): number {
  return transport === 'TFramedTransport' ? sent.length - 4 : sent.length;
}

export interface Reply {
  readonly name: string;
  readonly type: number;
  readonly seqid: number;
}

/** The complete replies in the received bytes. */
export function decodeReplies(wire: Wire, received: Buffer): Reply[] {
  const { protocol: Protocol, transport: Transport } = wireOptions(wire);
  const replies: Reply[] = [];
  const receive = Transport.receiver((transport) => {
    const input = new Protocol(transport);
    try {
      for (;;) {
        const { fname, mtype, rseqid } = input.readMessageBegin();
        // JSON is read as a whole, and TJSONProtocol of older releases cannot skip a value.
        if (wire.protocol !== 'TJSONProtocol') input.skip(thrift.Thrift.Type.STRUCT);
        input.readMessageEnd();
        transport.commitPosition();
        replies.push({ name: fname, type: mtype, seqid: rseqid });
      }
    } catch (error) {
      if ((error as Error).name !== 'InputBufferUnderrunError') throw error;
    }
  }, 0);
  receive(received);
  return replies;
}
