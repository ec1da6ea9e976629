import { UNKNOWN } from '../../call/label-function';
import type { Method } from '../../call/wrap';
import { prototypeChain } from '../../decorators/prototype-chain';
import { isObject } from '../../validation/options';

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
