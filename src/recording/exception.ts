// oxlint-disable-next-line typescript/no-explicit-any -- constructors of any signature are matched against
export type ExceptionClass = abstract new (...args: any[]) => unknown;

// Module state: a cache of what the text of a class says, which is the same in every copy.
const anonymousNames = new WeakMap<object, string>();

/**
 * The name of an exception class. Thrift's compiler generates anonymous classes and functions (`const Ouch =
 * module.exports.Ouch = class extends …`), which name themselves only in their constructor; an IDL field called `name`
 * overwrites that on the instance, so the constructor's text is the one place where the name is always found.
 */
export function exceptionClassName(exceptionClass: ExceptionClass): string {
  if (exceptionClass.name !== '') return exceptionClass.name;
  let name = anonymousNames.get(exceptionClass);
  if (name === undefined) {
    const source = Function.prototype.toString.call(exceptionClass);
    name = /\bthis\.name = (["'])(\w+)\1/.exec(source)?.[2] ?? '';
    anonymousNames.set(exceptionClass, name);
  }
  return name;
}

/** The value of `thrift_exception_type` for anything that can be thrown. */
export function exceptionType(error: unknown): string {
  if (error === null) return 'null';
  if (typeof error !== 'object' && typeof error !== 'function') return typeof error;
  const { constructor } = error;
  const className =
    typeof constructor === 'function'
      ? exceptionClassName(constructor as ExceptionClass)
      : 'Object';
  // A plain Error, or a class without a name, may be told apart by the name it was given.
  if (className !== '' && className !== 'Error') return className;
  const { name } = error as { name?: unknown };
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

/**
 * Whether an error is an exception that an IDL declares: a TException that is no TApplicationException. Told by the names of the
 * classes it derives from, so that `thrift` need not be loaded, and so that two versions of it may be in use.
 */
export function isThriftException(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  let found = false;
  for (
    let prototype: unknown = Object.getPrototypeOf(error);
    prototype !== null;
    prototype = Object.getPrototypeOf(prototype)
  ) {
    const name = (prototype as { constructor?: { name?: unknown } }).constructor?.name;
    if (name === 'TApplicationException') return false;
    if (name === 'TException') found = true;
  }
  return found;
}
