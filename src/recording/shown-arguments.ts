import { type Call, CallDetails } from './call';
import { exceptionClassName } from './exception';
import type { FaultSink } from './guards';
import { ignoreRejection } from './promise';
import { shortText } from './short-text';

/** The longest text about the arguments of a call, in UTF-16 code units. */
const LONGEST_ARGUMENTS = 512;

/** The most arguments whose types are named. */
const MOST_ARGUMENTS = 16;

const SITE = 'calls:arguments';

/** Writes the arguments of a call as a text, or returns null if they cannot be written. Never throws. */
export type ArgumentWriter = (
  service: string,
  method: string,
  args: readonly unknown[],
) => string | null;

/** Guards the function of the option `arguments`. */
export function guardArgumentsFunction(
  write: (call: Call) => string,
  faults: FaultSink,
  describeWrongValue: (value: unknown) => Error,
): ArgumentWriter {
  return (service, method, args) => {
    try {
      // A copy, because the function may change it.
      const text: unknown = write(new CallDetails(args.slice(), method, service));
      if (typeof text === 'string') return shortText(text, LONGEST_ARGUMENTS);
      ignoreRejection(text);
      faults.report(SITE, describeWrongValue(text));
    } catch (error) {
      faults.report(SITE, error);
    }
    return null;
  };
}

/** Writes the types of arguments and the sizes of buffers and lists, such as `number, Work, Buffer(12)`. */
export const writeTypes: ArgumentWriter = (_service, _method, args) => {
  const types = args.slice(0, MOST_ARGUMENTS).map(typeName);
  if (args.length > MOST_ARGUMENTS) types.push('…');
  return shortText(types.join(', '), LONGEST_ARGUMENTS);
};

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return typeof value;
  try {
    if (Array.isArray(value)) return `Array(${value.length})`;
    if (Buffer.isBuffer(value)) return `Buffer(${value.length})`;
    if (value instanceof Map) return `Map(${value.size})`;
    if (value instanceof Set) return `Set(${value.size})`;
    const { constructor } = value as { readonly constructor?: unknown };
    return (typeof constructor === 'function' && exceptionClassName(constructor)) || 'object';
  } catch {
    // A proxy, or a getter that throws.
    return 'object';
  }
}
