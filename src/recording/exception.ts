import { boundLabelValue } from './label-value';

// oxlint-disable-next-line typescript/no-explicit-any -- a constructor with any signature
export type ExceptionClass = abstract new (...args: any[]) => unknown;

// Module state: a cache of a pure function, whose results are the same in every copy of the package.
const classNames = new WeakMap<object, string>();

/**
 * The name of an exception class, or '' if it has none: the text that its constructor assigns to `this.name`, or else the
 * name of the class. Thrift's compiler generates anonymous classes whose constructor assigns the name of the exception, and
 * minifiers rename classes but keep texts. The instance is not asked, because an IDL field called `name` overwrites it.
 */
export function exceptionClassName(exceptionClass: object): string {
  let name = classNames.get(exceptionClass);
  if (name === undefined) {
    name = assignedName(exceptionClass) || textOf(exceptionClass, 'name');
    classNames.set(exceptionClass, name);
  }
  return name;
}

function assignedName(exceptionClass: object): string {
  const source = Function.prototype.toString.call(exceptionClass);
  for (let at = source.indexOf(NAME); at !== -1; at = source.indexOf(NAME, at + 1)) {
    const assignment = source.slice(at + NAME.length, at + NAME.length + LONGEST_NAME).trimStart();
    if (isWordPart(source.charCodeAt(at - 1)) || !assignment.startsWith('=')) continue;
    const value = assignment.slice(1).trimStart();
    const quote = value.charAt(0);
    const name = value.slice(1, Math.max(1, value.indexOf(quote, 1)));
    if (QUOTES.includes(quote) && name !== '' && isMadeOf(isWordPart, name)) return name;
  }
  return '';
}

// No regular expressions here: V8 ends the process if it compiles one when the stack is nearly full, which is where errors
// of endless recursions are recorded.

const NAME = 'this.name';
const LONGEST_NAME = 300;
const QUOTES = `"'\``;

function isMadeOf(isPart: (code: number) => boolean, text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isPart(text.charCodeAt(i))) return false;
  return true;
}

/** Whether a code unit is a letter of ASCII, a digit, or `_`. NaN, which is beyond the text, is not. */
function isWordPart(code: number): boolean {
  return isCodePart(code) || (code >= 0x61 && code <= 0x7a);
}

/** Whether a code unit occurs in codes of system errors: a capital letter, a digit, or `_`. */
function isCodePart(code: number): boolean {
  return (code >= 0x41 && code <= 0x5a) || (code >= 0x30 && code <= 0x39) || code === 0x5f;
}

/** Whether a text is like `ECONNREFUSED` or `ERR_STREAM_DESTROYED`. */
function isErrorCode(text: string): boolean {
  const first = text.charCodeAt(0);
  return text.length > 1 && first >= 0x41 && first <= 0x5a && isMadeOf(isCodePart, text);
}

/**
 * The `thrift_exception_type` of anything that can be thrown; never empty, and at most 256 characters long:
 *
 * 1. of a value that is not an object, its type, such as `string` or `null`;
 * 2. of a `DOMException`, such as an abort or a timeout, its `name`: `AbortError`, `TimeoutError`;
 * 3. the name of its class, unless that is `Error` or empty;
 * 4. `TApplicationException` of one whose class a minifier renamed;
 * 5. its `code`, if it is a system error, such as `ECONNREFUSED`;
 * 6. its `name`, if it is a text;
 * 7. else `Error`, or `Object` if it has no class.
 *
 * @throws whatever the error throws when its class is read, such as a proxy
 */
export function exceptionType(error: unknown): string {
  if (error === null) return 'null';
  if (typeof error !== 'object' && typeof error !== 'function') return typeof error;
  return boundLabelValue(typeOfObject(error)) || 'Error';
}

function typeOfObject(error: object): string {
  const constructor: unknown = error.constructor;
  if (typeof constructor !== 'function') return 'Object';
  const className = exceptionClassName(constructor);
  if (className === 'DOMException') return textOf(error, 'name') || className;
  if (isRenamedApplicationException(error)) return APPLICATION_EXCEPTION;
  if (className !== '' && className !== 'Error') return className;
  const code = textOf(error, 'code');
  return isErrorCode(code) ? code : textOf(error, 'name');
}

const APPLICATION_EXCEPTION = 'TApplicationException';

/**
 * Whether an error is a generated exception: a TException that is not a TApplicationException. Its classes are recognized by
 * their names, or if a minifier renamed them, by what Thrift's compiler generates. So `thrift` need not be loaded, and
 * several versions of it can be in use.
 */
export function isThriftException(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  const names = classNamesOf(error);
  if (names.includes(APPLICATION_EXCEPTION)) return false;
  if (names.includes('TException')) return true;
  return names.includes('Error') && isStruct(error) && !isApplicationExceptionByForm(error);
}

/** The names of the classes that an object is an instance of. */
function classNamesOf(object: object): string[] {
  const names: string[] = [];
  for (
    let prototype = Object.getPrototypeOf(object) as object | null;
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype) as object | null
  ) {
    const constructor: unknown = prototype.constructor;
    if (typeof constructor === 'function') names.push(textOf(constructor, 'name'));
  }
  return names;
}

/** Whether an error is a TApplicationException whose class a minifier renamed. */
function isRenamedApplicationException(error: object): boolean {
  return isApplicationExceptionByForm(error) && !classNamesOf(error).includes('TException');
}

/** Of the structs that are errors, only TApplicationException has a number as type and does not assign a name of its own. */
function isApplicationExceptionByForm(error: object): boolean {
  return (
    isStruct(error) &&
    Object.hasOwn(error, 'type') &&
    typeof (error as { type?: unknown }).type === 'number' &&
    assignedName(error.constructor) === ''
  );
}

/** Whether an error reads and writes itself, as exceptions of Thrift do: by methods with plain names, or since 0.24 by symbols. */
function isStruct(error: object): boolean {
  const struct = error as Readonly<Record<PropertyKey, unknown>>;
  return (
    (typeof struct['read'] === 'function' && typeof struct['write'] === 'function') ||
    (typeof struct[Symbol.for('read')] === 'function' &&
      typeof struct[Symbol.for('write')] === 'function')
  );
}

/** A property of a foreign object if it is a text, or else ''. Never throws. */
function textOf(object: object, key: string): string {
  try {
    const value: unknown = (object as Readonly<Record<string, unknown>>)[key];
    return typeof value === 'string' ? value : '';
  } catch {
    return '';
  }
}
