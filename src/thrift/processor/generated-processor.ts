import { prototypeChain } from '../../decorators/prototype-chain';

const PREFIX = 'process_';

type ProcessFunction = (this: unknown, seqid: unknown, input: unknown, output: unknown) => unknown;

/** One method of a service, as Thrift's compiler wrote it into the processor. */
export interface ProcessorMethod {
  readonly name: string;
  /** Whether nobody waits for a reply. */
  readonly isOneway: boolean;
  /** What the compiler wrote; null where that cannot be found. */
  readonly generated: ProcessFunction | null;
}

/** All methods of a processor, those of services that its own extends included. */
export function processorMethods(processor: object): Map<string, ProcessorMethod> {
  const methods = new Map<string, ProcessorMethod>();
  for (const holder of prototypeChain(processor)) {
    for (const key of Object.getOwnPropertyNames(holder)) {
      const name = key.slice(PREFIX.length);
      const process = ownFunction(holder, key);
      if (!key.startsWith(PREFIX) || process === null) continue;
      // A program's subclass may have one of its own, which calls the generated one of its base.
      if (methods.get(name)?.generated != null) continue;
      const text = textOf(process);
      const isGenerated = text.includes('.readMessageEnd(');
      methods.set(name, {
        name,
        isOneway: isGenerated && !text.includes('.writeMessageBegin('),
        generated: isGenerated ? (process as ProcessFunction) : null,
      });
    }
  }
  return methods;
}

/** Whether a processor reads messages of another library: that of Credit Karma calls the name of the method otherwise. */
export function readsOtherMessages(processor: object): boolean {
  for (const holder of prototypeChain(processor)) {
    const process = ownFunction(holder, 'process');
    const text = process === null ? '' : textOf(process);
    if (text.includes('.readMessageBegin(')) return !/\bfname\b/.test(text);
  }
  return false;
}

/** The name of the service that a processor serves; null where the generated code does not tell. */
export function generatedServiceName(processor: object): string | null {
  for (const holder of prototypeChain(processor)) {
    const process = ownFunction(holder, 'process');
    // The compiler gives every service's processor one; a program's subclass may have another, or none.
    if (process === null || !textOf(process).includes(PREFIX)) continue;
    const { constructor } = holder as { constructor?: { name?: string } };
    const [, named] = /^(\w+)Processor$/.exec(constructor?.name ?? '') ?? [];
    const found = named ?? serviceOfArguments(holder);
    if (found !== undefined) return found;
  }
  return null;
}

/** ES5 processors are anonymous; that of `Library` decodes the arguments of `ping` into a `Library_ping_args`. */
function serviceOfArguments(holder: object): string | undefined {
  for (const key of Object.getOwnPropertyNames(holder)) {
    const process = key.startsWith(PREFIX) ? ownFunction(holder, key) : null;
    if (process === null) continue;
    const name = key.slice(PREFIX.length);
    const found = new RegExp(`\\bnew\\s+(?:\\w+\\.)*(\\w+)_${name}_args\\b`).exec(textOf(process));
    if (found !== null) return found[1];
  }
  return undefined;
}

/** The names of the exceptions that the generated code of a method looks for: its IDL `throws`. */
export function declaredExceptionNames({ generated }: ProcessorMethod): string[] {
  if (generated === null) return [];
  const found = textOf(generated).matchAll(/\binstanceof\s+(?:[\w$]+\.)*([\w$]+)/g);
  return [...new Set([...found].map(([, name]) => name as string))];
}

function ownFunction(holder: object, key: string): Function | null {
  const value: unknown = Reflect.getOwnPropertyDescriptor(holder, key)?.value;
  return typeof value === 'function' ? value : null;
}

function textOf(code: Function): string {
  return Function.prototype.toString.call(code);
}
