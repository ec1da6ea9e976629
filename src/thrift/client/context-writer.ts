import type { CallMessage } from '../../recording/call-message';
import type { Runtime } from '../../runtime/runtime';
import type { GeneratedClient } from '../generated';
import { CONTEXT_FIELD, MAP, MAX_BYTES, MAX_ENTRIES, STRING } from '../context-field';

const SITE = 'client context';

type Entry = readonly [name: string, value: string];

/** The members of Thrift's protocols that write a request. */
interface Output {
  readonly trans: HeaderTransport;
  /** Only on `THeaderProtocol`. */
  readonly protocol?: unknown;
  writeMessageEnd: (this: Output) => unknown;
  writeStructBegin: (this: Output, name: unknown) => unknown;
  writeStructEnd: (this: Output) => unknown;
  writeFieldBegin(name: string, type: number, id: number): void;
  writeFieldEnd(): void;
  writeFieldStop: (this: Output) => unknown;
  writeMapBegin(keyType: number, valueType: number, size: number): void;
  writeMapEnd(): void;
  writeString(value: string): void;
}

/** The members of `THeaderTransport` that write headers. */
interface HeaderTransport {
  setWriteHeader(name: string, value: string): void;
  getWriteHeaders(): Record<string, string>;
  writeHeaders(): void;
}

type OutputClass = new (transport: object) => Output;

/** Sends a request together with the context of its call. */
export function sendWithContext<T>(
  { clientCalls: { contexts }, faults }: Runtime,
  client: GeneratedClient,
  message: CallMessage,
  send: () => T,
): T {
  if (contexts === null || contexts.propagation === false) return send();
  const entries = withinLimits(contexts.carried(message));
  if (entries.length === 0) return send();
  const add = contexts.propagation === 'field' ? addField : addHeaders;
  const prepare = (output: Output): void => {
    try {
      add(output, entries);
    } catch (fault) {
      // A protocol of the program may be frozen.
      faults.report(SITE, fault);
    }
  };
  return sendThrough(client, prepare, send);
}

/**
 * Generated code creates a protocol object for each request, from the class in the client. The class is replaced until it
 * has done so.
 */
function sendThrough<T>(
  client: GeneratedClient,
  prepare: (output: Output) => void,
  send: () => T,
): T {
  const holder = client as GeneratedClient & { pClass: OutputClass };
  const original = holder.pClass;
  const restore = (): void => {
    if (holder.pClass === replacement) holder.pClass = original;
  };
  const replacement = function (transport: object): Output {
    // Before the request is written, because a callback may send another request of the same client.
    restore();
    const output = new original(transport);
    prepare(output);
    return output;
  } as unknown as OutputClass;
  if (!Reflect.set(holder, 'pClass', replacement)) return send();
  try {
    return send();
  } finally {
    restore();
  }
}

/** Writes the field before the end of the outermost struct. */
function addField(output: Output, entries: readonly Entry[]): void {
  const { writeStructBegin, writeStructEnd, writeFieldStop } = output;
  let depth = 0;
  output.writeStructBegin = function (name) {
    depth++;
    return writeStructBegin.call(this, name);
  };
  output.writeStructEnd = function () {
    depth--;
    return writeStructEnd.call(this);
  };
  output.writeFieldStop = function () {
    if (depth === 1) writeField(this, entries);
    return writeFieldStop.call(this);
  };
}

function writeField(output: Output, entries: readonly Entry[]): void {
  output.writeFieldBegin('', MAP, CONTEXT_FIELD);
  output.writeMapBegin(STRING, STRING, entries.length);
  for (const [name, value] of entries) {
    output.writeString(name);
    output.writeString(value);
  }
  output.writeMapEnd();
  output.writeFieldEnd();
}

/** Writes the headers of a request. Generated code flushes the transport, and only the protocol would write them. */
function addHeaders(output: Output, entries: readonly Entry[]): void {
  if (output.protocol === undefined) return;
  const { writeMessageEnd, trans } = output;
  output.writeMessageEnd = function () {
    const result = writeMessageEnd.call(this);
    for (const [name, value] of entries) trans.setWriteHeader(name, value);
    trans.writeHeaders();
    // The transport keeps its headers for all requests.
    const headers = trans.getWriteHeaders();
    for (const [name] of entries) delete headers[name];
    return result;
  };
}

/** Leaves out what peers would refuse. */
function withinLimits(entries: readonly Entry[]): readonly Entry[] {
  let bytes = 0;
  const kept: Entry[] = [];
  for (const entry of entries) {
    const size = Buffer.byteLength(entry[0]) + Buffer.byteLength(entry[1]);
    if (kept.length === MAX_ENTRIES || bytes + size > MAX_BYTES) continue;
    bytes += size;
    kept.push(entry);
  }
  return kept;
}
