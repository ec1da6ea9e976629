import { bind } from '../../declaration/bind';
import type { MethodDeclaration } from '../../declaration/method';
import { prototypeChain } from '../../declaration/prototype-chain';
import { UNKNOWN } from '../../recording/call-labels';
import type { DeclaredExceptions } from '../../recording/error-recorder';
import { type ExceptionClass, exceptionClassName } from '../../recording/exception';
import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { declarationsOf } from '../../declaration/declarations';
import { declaredExceptionNames, type ProcessorMethod } from '../generated';
import { EXCEPTION, REPLY } from '../wire';

/** Thrown to leave generated code once it has said what it would reply. */
const ENOUGH = new Error('enough of the reply');

/** Read as the arguments of any method: a struct without fields. */
const NO_ARGUMENTS = {
  readStructBegin: () => ({ fname: '' }),
  readFieldBegin: () => ({ fname: null, ftype: 0, fid: 0 }),
  readFieldEnd: () => {},
  readStructEnd: () => {},
  readMessageEnd: () => {},
  skip: () => {},
  incrementRecursionDepth: () => {},
  decrementRecursionDepth: () => {},
} as const;

/** No method has so many arguments, so generated code passes a callback. */
const CALLBACK_STYLE = { value: 255 } as const;

/**
 * Which errors a method's IDL declares, asked of the generated code: it answers those with a REPLY. It is shown a
 * stand-in of the same class, once for each class, with a handler and protocols that do nothing. Code of other compilers,
 * which answers later, is read for the names that it looks for.
 */
export class GeneratedThrows implements DeclaredExceptions {
  readonly names: readonly string[];
  private readonly verdicts = new WeakMap<object, boolean | null>();

  constructor(private readonly method: ProcessorMethod) {
    this.names = declaredExceptionNames(method);
  }

  isDeclared(error: unknown): boolean | null {
    if (typeof error !== 'object' || error === null) return false;
    const prototype = Object.getPrototypeOf(error) as object | null;
    if (prototype === null) return false;
    const known = this.verdicts.get(prototype);
    if (known !== undefined) return known;
    const verdict = this.ask(prototype) ?? this.findByName(prototype);
    this.verdicts.set(prototype, verdict);
    return verdict;
  }

  /** Null where the code does not answer within its turn: it is none that Thrift's own compiler wrote. */
  private ask(prototype: object): boolean | null {
    const { name, generated, isOneway } = this.method;
    if (isOneway) return false;
    if (generated === null) return null;
    // With a message of its own, so that no accessor of the class is asked for one.
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
    // Whoever answers in a later turn has nobody who would catch anything: it writes to nowhere.
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
      // ENOUGH, or there is no verdict.
    }
    isListening = false;
    if (type === REPLY) return true;
    return type === EXCEPTION ? false : null;
  }

  /** Null where no class that the error is of is called like one that the code looks for. */
  private findByName(prototype: object): boolean | null {
    for (const { constructor } of prototypeChain(prototype)) {
      if (
        typeof constructor === 'function' &&
        this.names.includes(exceptionClassName(constructor as unknown as ExceptionClass))
      )
        return true;
    }
    return null;
  }
}

/** The service under which a handler's method is measured, or null if it has no decorator. */
export function serviceOfHandler(runtime: Runtime, handler: unknown, name: string): string | null {
  const service = wrappersOf(runtime, handler, name)[0]?.plan.service ?? '';
  return service === '' || service === UNKNOWN ? null : service;
}

/** Declares the service's exceptions to the error counters of a handler. Each exception gets its series. */
export function declareThrows(
  runtime: Runtime,
  handler: unknown,
  methods: Iterable<ProcessorMethod>,
): void {
  for (const method of methods) {
    for (const declaration of wrappersOf(runtime, handler, method.name)) {
      // A handler that serves two services keeps the exceptions of the first.
      if (declaration.throws !== null) continue;
      declaration.throws = new GeneratedThrows(method);
      if (declaration.plan.ready) bind(runtime, declaration, declaration.plan.service);
    }
  }
}

/** The declarations behind the wrappers of a method, the outermost first. Accessors are not called. */
function wrappersOf(runtime: Runtime, handler: unknown, name: string): MethodDeclaration[] {
  const { wrappers } = declarationsOf(runtime);
  const declarations: MethodDeclaration[] = [];
  let method = methodOf(handler, name);
  while (typeof method === 'function') {
    const declaration = wrappers.get(method as Method);
    if (declaration === undefined) break;
    declarations.push(declaration);
    method = declaration.original;
  }
  return declarations;
}

function methodOf(handler: unknown, name: string): unknown {
  let holder = typeof handler === 'object' || typeof handler === 'function' ? handler : null;
  while (holder !== null) {
    const property = Reflect.getOwnPropertyDescriptor(holder, name);
    if (property !== undefined) return property.value as unknown;
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}
