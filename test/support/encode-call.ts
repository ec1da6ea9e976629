import { thrift } from './start-thrift';
import { wireOptions, type Wire } from '../thrift/service/wire';

const { Type, MessageType } = thrift.Thrift;

export type Output = InstanceType<typeof thrift.TBinaryProtocol>;
type Entries = Iterable<readonly [name: string, value: string]>;

/** Writes a map of strings as a field of a struct. */
export function writeMap(output: Output, id: number, entries: Entries): void {
  const all = [...entries];
  output.writeFieldBegin('', Type.MAP, id);
  output.writeMapBegin(Type.STRING, Type.STRING, all.length);
  for (const [name, value] of all) {
    output.writeString(name);
    output.writeString(value);
  }
  output.writeMapEnd();
  output.writeFieldEnd();
}

/** Encodes a call of a method with one number as its argument, and more fields before and after it. */
export function encodeCall(
  wire: Wire,
  method: string,
  argument: number,
  after: (output: Output) => void,
  before: (output: Output) => void = () => {},
): Buffer {
  const { protocol: Protocol, transport: Transport } = wireOptions(wire);
  const written: Buffer[] = [];
  const output: Output = new Protocol(
    new Transport(undefined, (bytes) => void written.push(bytes!)),
  );
  output.writeMessageBegin(method, MessageType.CALL, 1);
  output.writeStructBegin('args');
  before(output);
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
