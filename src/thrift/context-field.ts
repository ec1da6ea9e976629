// OpenTelemetry's instrumentation of Java, and Apache SkyWalking, send the context of a call as one more field of the struct
// with its arguments. Peers that do not know the field skip it.

/** The id of the field. */
export const CONTEXT_FIELD = 8888;

/** The id that the instrumentation of OpenTracing uses. */
export const OPENTRACING_FIELD = 3333;

/** The most entries that are written or read. */
export const MAX_ENTRIES = 100;

/** The most bytes of names and values that are written or read. */
export const MAX_BYTES = 8192;

// `Thrift.Type`.
export const STOP = 0;
export const STRING = 11;
export const MAP = 13;
