import type { ContextRejection, ReceivedContext } from '../../recording/call-message';
import {
  CONTEXT_FIELD,
  MAP,
  MAX_BYTES,
  MAX_ENTRIES,
  OPENTRACING_FIELD,
  STRING,
} from '../context-field';
import { isHeaderProtocol, type Protocol } from '../wire';
import { bookmarkMap } from './bookmark';

interface Field {
  readonly ftype: number;
  readonly fid: number;
}

/** The members of Thrift's protocols that read a struct, and the property that is added. */
interface Input extends Protocol {
  readStructBegin: (this: Input) => unknown;
  readStructEnd: (this: Input) => unknown;
  readFieldBegin: (this: Input) => Field;
  readFieldEnd: (this: Input) => unknown;
  readMapBegin(): { ktype: number; vtype: number; size: number };
  readMapEnd(): unknown;
  readString(): unknown;
  skip(type: number): unknown;
  // Enumerable and with a plain name, like the properties of the other observers.
  thriftMetricsContext?: ContextReader;
}

const REPLACED = ['readStructBegin', 'readStructEnd', 'readFieldBegin'] as const;

/** The bytes of the field's id as each protocol writes it, in Latin-1, by the first byte of the protocol's messages. */
const WRITTEN_IDS: ReadonlyMap<number | undefined, string> = new Map([
  // The binary protocol: after the type of a map.
  [0x80, String.fromCodePoint(MAP, CONTEXT_FIELD >> 8, CONTEXT_FIELD & 0xff)],
  // The compact protocol: as a variable-length number in zigzag form. It has a short form after an argument whose id is at
  // most 15 less, which does not occur.
  [0x82, '\u{f0}\u{8a}\u{1}'],
  // JSON.
  [0x5b, `"${CONTEXT_FIELD}"`],
]);

/**
 * Whether a message may bring a context that names the caller. Searching its bytes for the id of the field costs much less
 * than observing how they are read, and nearly all programs receive messages without a context. The field of OpenTracing
 * names no caller.
 *
 * @param start the position of the message in the buffer of the transport
 */
export function mayBringContext(input: Protocol, start: number): boolean {
  const { inBuf } = input.trans;
  // The headers of THeaderProtocol may bring it.
  if (isHeaderProtocol(input) || !Buffer.isBuffer(inBuf)) return true;
  const id = WRITTEN_IDS.get(inBuf[start]);
  return id === undefined || inBuf.includes(id, start, 'latin1');
}

/**
 * Reads the context of the caller in the arguments of one message. It replaces the functions that read structs until the
 * arguments are read. Only the outermost struct is searched. Generated code reads or skips the field as it would without this
 * package, because a service may have an argument with the same id.
 */
export class ContextReader {
  readonly readStructBegin: Input['readStructBegin'];
  readonly readStructEnd: Input['readStructEnd'];
  readonly readFieldBegin: Input['readFieldBegin'];
  depth = 0;
  private readonly own: readonly (typeof REPLACED)[number][];
  private readonly input: Input;
  private readonly found = new Map<number, ReceivedContext>();

  constructor(protocol: Protocol) {
    const input = protocol as Input;
    this.input = input;
    this.readStructBegin = input.readStructBegin;
    this.readStructEnd = input.readStructEnd;
    this.readFieldBegin = input.readFieldBegin;
    // The copies that MultiplexedProcessor makes have every function themselves.
    this.own = REPLACED.filter((name) => Object.hasOwn(input, name));
    input.thriftMetricsContext = this;
    input.readStructBegin = observedReadStructBegin;
    input.readStructEnd = observedReadStructEnd;
    input.readFieldBegin = observedReadFieldBegin;
  }

  /** Stops reading, and returns what the message has brought. */
  finish(): ReceivedContext | null {
    this.restore();
    const { found } = this;
    return found.get(CONTEXT_FIELD) ?? found.get(OPENTRACING_FIELD) ?? headersOf(this.input);
  }

  restore(): void {
    const { input, own } = this;
    delete input.thriftMetricsContext;
    for (const name of REPLACED) {
      if (own.includes(name)) Reflect.set(input, name, this[name]);
      else Reflect.deleteProperty(input, name);
    }
  }

  /** Reads a field of the outermost struct. Returns whether the field is gone, so that generated code cannot read it. */
  take({ ftype, fid }: Field): boolean {
    const { found, input } = this;
    const isFirst = !found.has(fid);
    let context = rejected('type');
    let isGone = false;
    if (ftype === MAP) {
      const goBack = bookmarkMap(input);
      context = readMap(input);
      goBack?.();
      isGone = goBack === null;
    }
    found.set(fid, isFirst ? context : rejected('duplicate'));
    return isGone;
  }
}

/** Reads a map to its end, and keeps no more of it than the limits allow. Throws what the protocol throws. */
function readMap(input: Input): ReceivedContext {
  const { ktype, vtype, size } = input.readMapBegin();
  // Without a prototype, because the peer chooses the names.
  const carrier = Object.create(null) as Record<string, string>;
  // In the compact protocol, an empty map has no types.
  const isText = size === 0 || (ktype === STRING && vtype === STRING);
  let rejection: ContextRejection | null = null;
  if (!isText) rejection = 'type';
  else if (size > MAX_ENTRIES) rejection = 'entries';
  let bytes = 0;
  for (let i = 0; i < size; i++) {
    if (rejection !== null) {
      input.skip(ktype);
      input.skip(vtype);
      continue;
    }
    const name = String(input.readString());
    const value = String(input.readString());
    bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
    if (bytes > MAX_BYTES) rejection = 'size';
    else carrier[name] = value;
  }
  input.readMapEnd();
  input.readFieldEnd();
  return rejection === null ? { carrier, rejection } : rejected(rejection);
}

/** The members of `THeaderTransport` that read headers. */
interface HeaderTransport {
  /** Only on the buffered transport. */
  readonly readCursor?: number;
  getReadHeaders(): Readonly<Record<string, string>>;
  clearReadHeaders(): void;
  readHeaders(): unknown;
}

/** The headers that `THeaderProtocol` has read with the message, or null if there are none. */
export function headersOf({ trans }: { readonly trans: object }): ReceivedContext | null {
  if (!hasHeaders(trans)) return null;
  const entries = Object.entries(headersOfMessage(trans));
  if (entries.length === 0) return null;
  if (entries.length > MAX_ENTRIES) return rejected('entries');
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.join('')), 0);
  return bytes > MAX_BYTES
    ? rejected('size')
    : { carrier: Object.fromEntries(entries), rejection: null };
}

function hasHeaders(trans: object): trans is HeaderTransport {
  const { getReadHeaders } = trans as Partial<HeaderTransport>;
  return typeof getReadHeaders === 'function' && Object.keys(getReadHeaders.call(trans)).length > 0;
}

/**
 * The headers of the message alone. A connection has one buffered transport, which adds the headers of each message to those
 * of the messages before. So a view of it that has no headers yet reads the headers again; the transport itself does not
 * change. Every frame has a transport of its own.
 */
function headersOfMessage(trans: HeaderTransport): Readonly<Record<string, string>> {
  const isShared = trans.readCursor !== undefined && typeof trans.clearReadHeaders === 'function';
  if (!isShared) return trans.getReadHeaders();
  // The buffer begins with the message until the message is processed.
  const view = Object.create(trans, {
    readCursor: { value: 0, writable: true },
  }) as HeaderTransport;
  view.clearReadHeaders();
  view.readHeaders();
  return view.getReadHeaders();
}

export function rejected(rejection: ContextRejection): ReceivedContext {
  return { carrier: {}, rejection };
}

function observedReadStructBegin(this: Input): unknown {
  const reader = this.thriftMetricsContext as ContextReader;
  reader.depth++;
  return reader.readStructBegin.call(this);
}

function observedReadStructEnd(this: Input): unknown {
  const reader = this.thriftMetricsContext as ContextReader;
  reader.depth--;
  return reader.readStructEnd.call(this);
}

function observedReadFieldBegin(this: Input): Field {
  const reader = this.thriftMetricsContext as ContextReader;
  for (;;) {
    const field = reader.readFieldBegin.call(this);
    const { fid } = field;
    const isContext = reader.depth === 1 && (fid === CONTEXT_FIELD || fid === OPENTRACING_FIELD);
    if (!isContext || !reader.take(field)) return field;
  }
}
