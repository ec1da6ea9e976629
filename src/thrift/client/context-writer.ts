import { type ContextEntry, withCaller } from '../../recording/caller';
import type { CallMessage } from '../../recording/call-message';
import type { Runtime } from '../../runtime/runtime';
import type { GeneratedClient } from '../generated';
import { CONTEXT_FIELD, MAP, MAX_BYTES, MAX_ENTRIES, STRING } from '../context-field';
import { isHeaderProtocol } from '../wire';
import type { InstrumentedClient } from './instrumented-client';
import { ownNameOf } from './own-name';

const SITE = 'client context';

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

/**
 * Sends a request together with the context of its call and the name of the caller. `message` is null if the call is not
 * published, and has no context then.
 */
export function sendWithContext<T>(
  runtime: Runtime,
  client: GeneratedClient,
  instrumented: InstrumentedClient,
  message: CallMessage | null,
  send: () => T,
): T {
  const { clientCalls, faults } = runtime;
  const { contexts } = clientCalls;
  const propagation = contexts?.propagation ?? false;
  const isCarried = contexts !== null && message !== null && propagation !== false;
  const carried = isCarried ? contexts.carried(message) : [];
  const entries = named(runtime, instrumented, withinLimits(carried));
  if (entries.length === 0) return send();
  const add = propagation === 'theader' ? addHeaders : addField;
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

/** Whether requests name their caller also if they have no context. */
export function alwaysNamesCaller({ settings }: Runtime): boolean {
  return settings.callers === true;
}

/** Adds the name of the caller to the entries of a context, if it is sent and fits. */
function named(
  runtime: Runtime,
  instrumented: InstrumentedClient,
  entries: readonly ContextEntry[],
): readonly ContextEntry[] {
  const isNamed = alwaysNamesCaller(runtime);
  if (runtime.settings.callers === false || (entries.length === 0 && !isNamed)) return entries;
  const ownName = ownNameOf(runtime);
  const name = ownName.of(instrumented);
  if (name === null) {
    if (isNamed) ownName.reportMissing(instrumented.profile.service);
    return entries;
  }
  const all = withCaller(entries, name);
  // The name must not push out the baggage of the program.
  return withinLimits(all).length === all.length ? all : entries;
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
  const target = client as GeneratedClient & { pClass: OutputClass };
  const original = target.pClass;
  const restore = (): void => {
    if (target.pClass === replacement) target.pClass = original;
  };
  const replacement = function (transport: object): Output {
    // Before the request is written, because a callback may send another request of the same client.
    restore();
    const output = new original(transport);
    prepare(output);
    return output;
  } as unknown as OutputClass;
  if (!Reflect.set(target, 'pClass', replacement)) return send();
  try {
    return send();
  } finally {
    restore();
  }
}

/** Writes the field before the end of the outermost struct. */
function addField(output: Output, entries: readonly ContextEntry[]): void {
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

function writeField(output: Output, entries: readonly ContextEntry[]): void {
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
function addHeaders(output: Output, entries: readonly ContextEntry[]): void {
  if (!isHeaderProtocol(output)) return;
  const { writeMessageEnd, trans } = output;
  output.writeMessageEnd = function () {
    const result = writeMessageEnd.call(this);
    // The transport keeps its headers for all requests.
    const headers = trans.getWriteHeaders();
    const kept = { ...headers };
    for (const [name, value] of entries) trans.setWriteHeader(name, value);
    trans.writeHeaders();
    for (const [name] of entries) {
      const own = kept[name];
      if (own === undefined) delete headers[name];
      else headers[name] = own;
    }
    return result;
  };
}

/** Leaves out what peers would refuse. */
function withinLimits(entries: readonly ContextEntry[]): readonly ContextEntry[] {
  let bytes = 0;
  const kept: ContextEntry[] = [];
  for (const entry of entries) {
    const size = Buffer.byteLength(entry[0]) + Buffer.byteLength(entry[1]);
    if (kept.length === MAX_ENTRIES || bytes + size > MAX_BYTES) continue;
    bytes += size;
    kept.push(entry);
  }
  return kept;
}
