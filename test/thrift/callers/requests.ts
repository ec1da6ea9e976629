import { thrift } from '../../support/start-thrift';
import { wireOptions, type Wire } from '../service/wire';

const { Type, MessageType } = thrift.Thrift;

export type Output = InstanceType<typeof thrift.TBinaryProtocol>;
type Entries = readonly (readonly [name: string, value: string])[];

/** Writes a map of strings as a field of a struct. */
export function writeMap(output: Output, id: number, entries: Entries): void {
  output.writeFieldBegin('', Type.MAP, id);
  output.writeMapBegin(Type.STRING, Type.STRING, entries.length);
  for (const [name, value] of entries) {
    output.writeString(name);
    output.writeString(value);
  }
  output.writeMapEnd();
  output.writeFieldEnd();
}

/** Encodes a call of a method with one number as its argument, and fields after it. */
export function encodeCall(
  wire: Wire,
  method: string,
  argument: number,
  after: (output: Output) => void,
): Buffer {
  const { protocol: Protocol, transport: Transport } = wireOptions(wire);
  const written: Buffer[] = [];
  const output: Output = new Protocol(
    new Transport(undefined, (bytes) => void written.push(bytes!)),
  );
  output.writeMessageBegin(method, MessageType.CALL, 1);
  output.writeStructBegin('args');
  output.writeFieldBegin('number', Type.I32, 1);
  output.writeI32(argument);
  output.writeFieldEnd();
  after(output);
  output.writeFieldStop();
  output.writeStructEnd();
  output.writeMessageEnd();
  output.flush();
  return Buffer.concat(written);
}

/** Encodes a call of `twice` whose context names the caller, in the baggage. */
export function encodeNamedCall(wire: Wire, baggage: string, argument = 21): Buffer {
  return encodeCall(wire, 'twice', argument, (output) =>
    writeMap(output, 8888, [['baggage', baggage]]),
  );
}
