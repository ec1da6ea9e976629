import { prototypeChain } from '../declaration/prototype-chain';
import { UNKNOWN } from '../recording/call-labels';
import type { Method } from '../recording/wrap';
import { isObject } from '../validation/checks';

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

/** What every client has that Thrift's compiler wrote, in any style of JavaScript. */
export interface GeneratedClient {
  /** The callbacks of the calls that wait for a reply, by the id of the call. */
  readonly _reqs: Record<number, unknown>;
  /** The transport that it writes to. */
  readonly output: object;
  /** The id of the call that was made last. */
  seqid(): number;
}

/** A method of a service, as the client has it. */
export interface ClientMethod {
  readonly name: string;
  /** Writes the request. */
  readonly send: Method;
  /** Reads the reply; null where there is none. */
  readonly receive: Method | null;
}

export function isGeneratedClient(value: unknown): value is GeneratedClient {
  if (!isObject(value)) return false;
  const { _reqs, seqid, new_seqid, output, pClass } = value as Record<string, unknown>;
  return (
    isObject(_reqs) &&
    isObject(output) &&
    typeof seqid === 'function' &&
    typeof new_seqid === 'function' &&
    typeof pClass === 'function'
  );
}

/** All methods, those of the services that its service extends included. */
export function methodsOf(client: GeneratedClient): ClientMethod[] {
  const functions = client as unknown as Record<string, unknown>;
  const methods: ClientMethod[] = [];
  for (const key of sendKeys(client)) {
    const name = key.slice(SEND.length);
    const send = functions[key];
    const receive = functions[`recv_${name}`];
    // A method of the service may itself be called `send_…`.
    if (typeof send !== 'function' || typeof functions[name] !== 'function') continue;
    methods.push({
      name,
      send: send as Method,
      receive: typeof receive === 'function' ? (receive as Method) : null,
    });
  }
  return methods;
}

/** The service that is called, also where it inherits all of its methods. */
export function serviceOf(client: GeneratedClient): string {
  const [, ...prototypes] = prototypeChain(client);
  const generated = prototypes.find((prototype) => Object.hasOwn(prototype, 'seqid'));
  if (generated !== undefined && Object.hasOwn(generated, 'constructor')) {
    const [, service] = /^(.+)Client$/.exec(generated.constructor.name) ?? [];
    if (service !== undefined) return service;
  }
  // Classes of ES5 output have no name.
  for (const { name, send } of methodsOf(client)) {
    const source = Function.prototype.toString.call(send);
    const [, service] = new RegExp(`\\bnew (\\w+)_${name}_args\\b`).exec(source) ?? [];
    if (service !== undefined) return service;
  }
  // A minifier left nothing of the names.
  return UNKNOWN;
}

const SEND = 'send_';

/** Of the service itself first. */
function sendKeys(client: GeneratedClient): Set<string> {
  const keys = new Set<string>();
  for (const holder of prototypeChain(client)) {
    for (const key of Object.getOwnPropertyNames(holder)) if (key.startsWith(SEND)) keys.add(key);
  }
  return keys;
}
