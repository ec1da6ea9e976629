import { bind } from '../../declaration/bind';
import { prototypeChain } from '../../declaration/prototype-chain';
import { UNKNOWN } from '../../recording/guards';
import type { DeclaredExceptions } from '../../recording/error-recorder';
import { exceptionClassName } from '../../recording/exception';
import type { Runtime } from '../../runtime/runtime';
import { declaredExceptionNames, type ProcessorMethod } from '../generated';
import { STOP } from '../context-field';
import { EXCEPTION, REPLY } from '../wire';
import { isObject } from '../../validation/checks';
import { facadesAround, measuresOf } from './handler-measures';

/** Thrown to leave generated code once the type of its reply is known. */
const ENOUGH = new Error('the type of the reply is known');

/** A protocol from which generated code reads a struct without fields as the arguments of any method. */
const NO_ARGUMENTS = {
  readStructBegin: () => {},
  readFieldBegin: () => ({ ftype: STOP }),
  readFieldEnd: () => {},
  readStructEnd: () => {},
  readMessageEnd: () => {},
  skip: () => {},
  incrementRecursionDepth: () => {},
  decrementRecursionDepth: () => {},
} as const;

/** No method has this many arguments, so generated code passes a callback. */
const CALLBACK_STYLE = { value: 255 } as const;

/**
 * Finds out which errors a method's IDL declares: the generated code answers them with a REPLY. It runs once for each
 * class of errors, with a stand-in of that class and with a handler and protocols that do nothing. Code of other
 * compilers answers in a later turn of the event loop, so its source is searched for names of exceptions instead.
 */
class GeneratedThrows implements DeclaredExceptions {
  readonly names: readonly string[];
  private readonly verdicts = new WeakMap<object, boolean | null>();

  constructor(private readonly method: ProcessorMethod) {
    this.names = declaredExceptionNames(method);
  }

  isDeclared(error: unknown): boolean | null {
    if (!isObject(error)) return false;
    const prototype = Object.getPrototypeOf(error) as object | null;
    if (prototype === null) return false;
    const known = this.verdicts.get(prototype);
    if (known !== undefined) return known;
    const verdict = this.ask(prototype) ?? this.findByName(prototype);
    this.verdicts.set(prototype, verdict);
    return verdict;
  }

  /** Null if the code does not answer in the same turn, so Thrift's own compiler has not generated it. */
  private ask(prototype: object): boolean | null {
    const { name, generated, isOneway } = this.method;
    if (isOneway) return false;
    if (generated === null) return null;
    // An own message, so that reading it calls no accessor of the class.
    const standIn: unknown = Object.create(prototype, { message: { value: '' } });
    let type: unknown;
    let isListening = true;
    const handler = (...args: unknown[]): void => {
      const callback = args.at(-1);
      if (typeof callback === 'function') callback(standIn);
    };
    const processor = {
      _handler: { [name]: Object.defineProperty(handler, 'length', CALLBACK_STYLE) },
    };
    const writeMessageBegin = (_name: unknown, replyType: unknown) => {
      type = replyType;
      throw ENOUGH;
    };
    // In a later turn nothing catches ENOUGH, so the output then accepts and drops everything.
    const output = new Proxy(
      {},
      {
        get: (_target, key) =>
          isListening && key === 'writeMessageBegin' ? writeMessageBegin : () => {},
      },
    );
    try {
      generated.call(processor, 0, NO_ARGUMENTS, output);
    } catch {
      // Either ENOUGH, or an error that leaves the type undefined.
    }
    isListening = false;
    if (type === REPLY) return true;
    return type === EXCEPTION ? false : null;
  }

  /** Null if the code checks for no class with the name of a class in the prototype chain. */
  private findByName(prototype: object): boolean | null {
    for (const { constructor } of prototypeChain(prototype)) {
      if (typeof constructor === 'function' && this.names.includes(exceptionClassName(constructor)))
        return true;
    }
    return null;
  }
}

/** The service under which a handler's method is measured, or null if no decorator names one. */
export function serviceOfHandler(runtime: Runtime, handler: unknown, name: string): string | null {
  const service = measuresOf(runtime, handler, name)[0]?.plan.service ?? '';
  return service === '' || service === UNKNOWN ? null : service;
}

/** Passes the service's exceptions to the error counters of a handler. Every declared exception gets a series. */
export function declareThrows(
  runtime: Runtime,
  handler: unknown,
  methods: Iterable<ProcessorMethod>,
): void {
  for (const method of methods) {
    const throws = new GeneratedThrows(method);
    for (const facade of facadesAround(runtime, handler)) facade.declareThrows(method.name, throws);
    for (const declaration of measuresOf(runtime, handler, method.name)) {
      // A handler that serves two services keeps the exceptions of the first.
      if (declaration.throws !== null) continue;
      declaration.throws = throws;
      if (declaration.plan.ready) bind(runtime, declaration, declaration.plan.service);
    }
  }
}
