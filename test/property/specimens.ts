import { runInNewContext } from 'node:vm';

import { Thrift } from 'thrift';

/** What the contract says about a value that is the error of a call. */
interface AsError {
  /** `thrift_exception_type`; undefined if the contract does not specify it. */
  readonly type?: string;
  /** Whether it is a generated Thrift exception, which counts as declared if there is no list. */
  readonly thrift?: true;
}

export class NotFound extends Thrift.TException {}
class Derived extends NotFound {}
class Custom extends Error {}
const Nameless = (() => class extends Error {})();

/** An exception as the compiler's ES5 output declares it. Its `message` is a field of the IDL, not a text. */
const Es5Exception = function (this: { name: string; message: unknown }) {
  this.name = 'Es5Exception';
  this.message = { code: 1 };
} as unknown as new () => Error;
Object.setPrototypeOf(Es5Exception.prototype, Thrift.TException.prototype);
Object.defineProperty(Es5Exception.prototype, 'constructor', { value: Es5Exception });

/** A class of errors with this value as its name. */
const classNamed = (name: unknown): new (message: string) => Error =>
  Object.defineProperty(class extends Error {}, 'name', { value: name, configurable: true });

/** An error with this value as its constructor. */
const ofClass = (constructor: unknown): Error =>
  Object.assign(new Error('specimen'), { constructor });

const boom = (): never => {
  throw new Error('a trap of the specimen');
};

/**
 * Values that a method may receive, return, throw or pass to a callback. Tests refer to them by name, so that failures
 * can be printed.
 */
const table = {
  undefined: { value: undefined, type: 'undefined' },
  null: { value: null, type: 'null' },
  zero: { value: 0, type: 'number' },
  'minus zero': { value: -0, type: 'number' },
  NaN: { value: NaN, type: 'number' },
  'empty string': { value: '', type: 'string' },
  string: { value: 'text', type: 'string' },
  true: { value: true, type: 'boolean' },
  false: { value: false, type: 'boolean' },
  bigint: { value: 10n, type: 'bigint' },
  symbol: { value: Symbol('specimen'), type: 'symbol' },
  object: { value: { a: 1 }, type: 'Object' },
  array: { value: [1, 2], type: 'Array' },
  map: { value: new Map(), type: 'Map' },
  function: {
    value: function named(a: unknown) {
      return a;
    },
  },
  arrow: { value: () => 'specimen' },
  class: { value: class Constructed extends Object {} },
  'frozen object': { value: Object.freeze({ a: 1 }), type: 'Object' },
  'object without prototype': { value: Object.create(null) as unknown },
  'object whose then is not a function': { value: { then: 5 }, type: 'Object' },
  Error: { value: new Error('specimen'), type: 'Error' },
  TypeError: { value: new TypeError('specimen'), type: 'TypeError' },
  'error of a custom class': { value: new Custom('specimen'), type: 'Custom' },
  'frozen error': { value: Object.freeze(new RangeError('specimen')), type: 'RangeError' },
  'Error with a custom name': {
    value: Object.assign(new Error('specimen'), { name: 'AbortError' }),
    type: 'AbortError',
  },
  'Error whose name is not a string': {
    value: Object.assign(new Error('specimen'), { name: 5 }),
    type: 'Error',
  },
  'error of a class without a name': { value: new Nameless('specimen') },
  'named error of a class without a name': {
    value: Object.assign(new Nameless('specimen'), { name: 'Named' }),
    type: 'Named',
  },
  'error of a class whose name is a method': {
    value: new (classNamed(() => 'Named'))('specimen'),
    type: 'Error',
  },
  'error of a class whose name is an object': {
    value: new (classNamed({}))('specimen'),
    type: 'Error',
  },
  'error of a class whose name is an array': {
    value: new (classNamed(['Named']))('specimen'),
    type: 'Error',
  },
  'error of a class whose name is a symbol': {
    value: new (classNamed(Symbol('Named')))('specimen'),
    type: 'Error',
  },
  'error of a class whose name is undefined': {
    value: new (classNamed(undefined))('specimen'),
    type: 'Error',
  },
  'error whose class is a proxy': {
    value: ofClass(new Proxy(class {}, { get: () => 42 })),
    type: 'Error',
  },
  'error whose class is a hostile proxy': {
    value: ofClass(new Proxy(class {}, hostileTraps())),
    type: 'Error',
  },
  'error whose class is an object': { value: ofClass({ name: 'Named' }), type: 'Object' },
  'error whose name is an object': {
    value: Object.assign(new Error('specimen'), { name: { toString: boom } }),
    type: 'Error',
  },
  'error with a very long name': {
    value: Object.assign(new Error('specimen'), { name: 'N'.repeat(100_000) }),
    type: `${'N'.repeat(255)}…`,
  },
  'system error': {
    value: Object.assign(new Error('specimen'), { code: 'ECONNREFUSED' }),
    type: 'ECONNREFUSED',
  },
  abort: { value: new DOMException('specimen', 'AbortError'), type: 'AbortError' },
  'error from another realm': {
    value: runInNewContext('new SyntaxError("specimen")') as unknown,
    type: 'SyntaxError',
  },
  TException: { value: new Thrift.TException('specimen'), type: 'TException', thrift: true },
  'generated exception': { value: new NotFound('specimen'), type: 'NotFound', thrift: true },
  'class derived from a generated exception': {
    value: new Derived('specimen'),
    type: 'Derived',
    thrift: true,
  },
  'generated exception, ES5': { value: new Es5Exception(), type: 'Es5Exception', thrift: true },
  TApplicationException: {
    value: new Thrift.TApplicationException(
      Thrift.TApplicationExceptionType.INTERNAL_ERROR,
      'specimen',
    ),
    type: 'TApplicationException',
  },
  'error with throwing getters': {
    value: throwing(new Custom('specimen'), ['stack', 'name', 'message', 'then']),
    type: 'Custom',
  },
  'error whose class cannot be read': {
    value: throwing(new Error('specimen'), ['constructor', 'name', 'then']),
  },
  'error whose class is null': {
    value: Object.assign(new Error('specimen'), { constructor: null, name: 'Nulled' }),
  },
  'revoked proxy': { value: revoked() },
  'hostile proxy': { value: new Proxy({}, hostileTraps()) },
} satisfies Record<string, AsError & { value: unknown }>;

export type SpecimenName = keyof typeof table;

export const specimenNames = Object.keys(table) as SpecimenName[];

/** A promise cannot be resolved with these, because it reads `then` of its value. */
export const unreadable: readonly SpecimenName[] = [
  'error with throwing getters',
  'error whose class cannot be read',
  'revoked proxy',
  'hostile proxy',
];

export function specimen(name: SpecimenName): unknown {
  return table[name].value;
}

export function asError(error: unknown): AsError {
  const found = Object.values<AsError & { value: unknown }>(table).find(({ value }) =>
    Object.is(value, error),
  );
  if (found === undefined) throw new Error('not a specimen');
  return found;
}

function throwing<T extends object>(target: T, keys: readonly string[]): T {
  for (const key of keys) Object.defineProperty(target, key, { get: boom });
  return target;
}

function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function hostileTraps(): ProxyHandler<object> {
  return {
    get: boom,
    has: boom,
    getPrototypeOf: boom,
    getOwnPropertyDescriptor: boom,
    ownKeys: boom,
    set: boom,
    defineProperty: boom,
  };
}
