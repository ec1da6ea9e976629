// oxlint-disable-next-line typescript/no-explicit-any -- a constructor with any signature
export type ExceptionClass = abstract new (...args: any[]) => unknown;

// Module state: a cache of a pure function, whose results are the same in every copy of the package.
const anonymousNames = new WeakMap<object, string>();

/**
 * The name of an exception class, or '' if it has none. Thrift's compiler generates anonymous classes and functions
 * (`const Ouch = module.exports.Ouch = class extends …`) whose constructor sets `this.name`. An IDL field called `name`
 * overwrites that property, so the name is read from the text of the constructor.
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

/** The `thrift_exception_type` of anything that can be thrown. */
export function exceptionType(error: unknown): string {
  if (error === null) return 'null';
  if (typeof error !== 'object' && typeof error !== 'function') return typeof error;
  const { constructor } = error;
  const className =
    typeof constructor === 'function'
      ? exceptionClassName(constructor as ExceptionClass)
      : 'Object';
  // A plain Error, or a class without a name, may have been given a name of its own.
  if (className !== '' && className !== 'Error') return className;
  const { name } = error as { name?: unknown };
  return typeof name === 'string' && name !== '' ? name : 'Error';
}

/**
 * Whether an error is a generated exception: a TException that is not a TApplicationException. The names of its classes
 * decide, so that `thrift` need not be loaded and several versions of it can be in use.
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
