import { prototypeChain } from '../declaration/prototype-chain';
import { UNKNOWN } from '../recording/guards';
import type { Method } from '../recording/wrap';
import { isObject } from '../validation/checks';

const PROCESS = 'process_';
const SEND = 'send_';

type ProcessFunction = (this: unknown, seqid: unknown, input: unknown, output: unknown) => unknown;

/** One method of a service, as Thrift's compiler generated it in the processor. */
export interface ProcessorMethod {
  readonly name: string;
  /** Whether the method has no reply. */
  readonly isOneway: boolean;
  /** The generated function, or null if it cannot be found. */
  readonly generated: ProcessFunction | null;
}

/** All methods of a processor, including those of the services that its service extends. */
export function processorMethods(processor: object): Map<string, ProcessorMethod> {
  const methods = new Map<string, ProcessorMethod>();
  for (const layer of prototypeChain(processor)) {
    for (const key of Object.getOwnPropertyNames(layer)) {
      const name = key.slice(PROCESS.length);
      const process = ownFunction(layer, key);
      if (!key.startsWith(PROCESS) || process === null) continue;
      // A subclass in the program may override the generated function of its base class and call it.
      if (methods.get(name)?.generated != null) continue;
      const source = sourceOf(process);
      const isGenerated = source.includes('.readMessageEnd(');
      methods.set(name, {
        name,
        isOneway: isGenerated && !source.includes('.writeMessageBegin('),
        generated: isGenerated ? (process as ProcessFunction) : null,
      });
    }
  }
  return methods;
}

/** Whether a processor reads messages of another library. Credit Karma's has another field for the name of the method. */
export function readsOtherMessages(processor: object): boolean {
  for (const layer of prototypeChain(processor)) {
    const process = ownFunction(layer, 'process');
    const source = process === null ? '' : sourceOf(process);
    if (source.includes('.readMessageBegin(')) return !/\bfname\b/.test(source);
  }
  return false;
}

/** The name of the service that a processor serves, or null if the generated code does not reveal it. */
export function generatedServiceName(processor: object): string | null {
  for (const layer of prototypeChain(processor)) {
    const process = ownFunction(layer, 'process');
    // Every generated processor has its own `process`. A subclass in the program may have another, or none.
    if (process === null || !sourceOf(process).includes(PROCESS)) continue;
    const { constructor } = layer as { constructor?: { name?: string } };
    const [, named] = /^(\w+)Processor$/.exec(constructor?.name ?? '') ?? [];
    const service = named ?? serviceOfArguments(layer);
    if (service !== undefined) return service;
  }
  return null;
}

/** ES5 processors are anonymous, but the arguments that they decode are not. */
function serviceOfArguments(layer: object): string | undefined {
  for (const key of Object.getOwnPropertyNames(layer)) {
    const process = key.startsWith(PROCESS) ? ownFunction(layer, key) : null;
    if (process === null) continue;
    const service = serviceInSource(process, key.slice(PROCESS.length));
    if (service !== undefined) return service;
  }
  return undefined;
}

/** Finds the service in generated code of a method: in `Library`, the arguments of `ping` are a `Library_ping_args`. */
function serviceInSource(code: Function, method: string): string | undefined {
  const argumentsClass = new RegExp(`\\bnew\\s+(?:\\w+\\.)*(\\w+)_${method}_args\\b`);
  return argumentsClass.exec(sourceOf(code))?.[1];
}

/** The names of the exceptions that the generated code of a method checks for: its IDL `throws`. */
export function declaredExceptionNames({ generated }: ProcessorMethod): string[] {
  if (generated === null) return [];
  const found = sourceOf(generated).matchAll(/\binstanceof\s+(?:[\w$]+\.)*([\w$]+)/g);
  return [...new Set([...found].map(([, name]) => name as string))];
}

function ownFunction(layer: object, key: string): Function | null {
  const value: unknown = Reflect.getOwnPropertyDescriptor(layer, key)?.value;
  return typeof value === 'function' ? value : null;
}

function sourceOf(code: Function): string {
  return Function.prototype.toString.call(code);
}

/** The members of every generated client, in any style of JavaScript. */
export interface GeneratedClient {
  /** The callbacks of the calls that wait for a reply, by the id of the call. */
  readonly _reqs: Record<number, unknown>;
  /** The transport that the client writes to. */
  readonly output: object;
  /** Returns the id of the latest call. */
  seqid(): number;
}

/** A method of a service, as Thrift's compiler generated it in the client. */
export interface ClientMethod {
  readonly name: string;
  /** Writes the request. */
  readonly send: Method;
  /** Reads the reply. Null if the method has no reply. */
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

/** All methods of a client or its prototype, including those of the services that its service extends. */
export function methodsOf(client: object): ClientMethod[] {
  const functions = client as Record<string, unknown>;
  const methods: ClientMethod[] = [];
  for (const key of sendKeys(client)) {
    const name = key.slice(SEND.length);
    const send = functions[key];
    const receive = functions[`recv_${name}`];
    // The name of a service's own method may start with `send_`.
    if (typeof send !== 'function' || typeof functions[name] !== 'function') continue;
    methods.push({
      name,
      send: send as Method,
      receive: typeof receive === 'function' ? (receive as Method) : null,
    });
  }
  return methods;
}

/** The name of the service that a client calls, even if the service inherits all of its methods. */
export function serviceOf(client: GeneratedClient): string {
  const [, ...prototypes] = prototypeChain(client);
  const generated = prototypes.find((prototype) => Object.hasOwn(prototype, 'seqid'));
  if (generated !== undefined && Object.hasOwn(generated, 'constructor')) {
    const [, service] = /^(.+)Client$/.exec(generated.constructor.name) ?? [];
    if (service !== undefined) return service;
  }
  // Classes of ES5 output have no name.
  for (const { name, send } of methodsOf(client)) {
    const service = serviceInSource(send, name);
    if (service !== undefined) return service;
  }
  // A minifier has shortened the names.
  return UNKNOWN;
}

/** The keys of all `send_…` functions, those of the service itself first. */
function sendKeys(client: object): Set<string> {
  const keys = new Set<string>();
  for (const layer of prototypeChain(client)) {
    for (const key of Object.getOwnPropertyNames(layer)) if (key.startsWith(SEND)) keys.add(key);
  }
  return keys;
}
