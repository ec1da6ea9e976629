import { prototypeChain } from '../../declaration/prototype-chain';
import type { Method } from '../../recording/wrap';
import { definePart, type Runtime } from '../../runtime/runtime';
import { methodsOf, serviceOf, type ClientMethod, type GeneratedClient } from '../generated';
import { copySignature, replaceMethod } from '../method-replacement';
import type { ClientLabels } from './client-method-metrics';
import { clientMetricsOf } from './client-metrics';
import { measuredReceive, measuredSend } from './client-method';
import type { ClientProfile } from './client-profile';

const NO_LABELS: ClientLabels = { constant: {}, names: [] };

/** The classes of the clients that are instrumented. */
class ClientClasses {
  private readonly byPrototype = new WeakMap<object, ClientClass>();
  private readonly wrappers = new WeakSet<Function>();

  constructor(private readonly runtime: Runtime) {}

  /** Finds the class of a client. `client` must be a generated client. */
  of(client: GeneratedClient): ClientClass {
    const prototype = Object.getPrototypeOf(client) as object | null;
    // Clients that are plain objects have nothing in common.
    if (prototype === null || prototype === Object.prototype) {
      return new ClientClass(this.runtime, client, {}, this.wrappers);
    }
    let found = this.byPrototype.get(prototype);
    if (found === undefined) {
      found = new ClientClass(this.runtime, client, prototype, this.wrappers);
      this.byPrototype.set(prototype, found);
    }
    return found;
  }
}

export const clientClassesOf = definePart(
  'thrift.client-classes',
  (runtime) => new ClientClasses(runtime),
);

/**
 * A generated class of clients. What all its clients have in common is done here once: programs create many clients, and
 * their services have many methods.
 */
export class ClientClass {
  readonly service: string;
  private readonly methods: readonly ClientMethod[];
  /** The profiles of clients without labels, by name. */
  private readonly profiles = new Map<string, ClientProfile>();
  /** The profiles that have every method of the class. */
  private readonly complete = new WeakSet<ClientProfile>();
  /** The methods that cannot be measured on the class, for example because it is frozen. Null until `measure` has run. */
  private unmeasured: readonly ClientMethod[] | null = null;

  constructor(
    private readonly runtime: Runtime,
    client: GeneratedClient,
    private readonly prototype: object,
    private readonly wrappers: WeakSet<Function>,
  ) {
    this.service = serviceOf(client);
    this.methods = methodsOf(prototype);
  }

  /** The metrics of the clients with a name and labels. The series of constant labels start at 0. */
  profile(name: string, labels: ClientLabels | null): ClientProfile {
    if (labels !== null) return this.createProfile(name, labels);
    let profile = this.profiles.get(name);
    if (profile === undefined) {
      profile = this.createProfile(name, NO_LABELS);
      this.profiles.set(name, profile);
    }
    return profile;
  }

  /**
   * Measures the methods of a client. Replaces `send_…` and `recv_…` on the class, through which the generated methods send
   * and receive. The generated methods stay. For clients that are not instrumented, the replacements do nothing else than the
   * originals.
   */
  measure(client: GeneratedClient, profile: ClientProfile): void {
    this.unmeasured ??= this.methods.filter((method) => !this.measureOnClass(method));
    for (const method of this.unmeasured) measureOnClient(this.runtime, client, method);
    // The program may have put methods on the client itself.
    if (!Object.keys(client).some(isMethodKey)) return;
    for (const method of methodsOf(client)) {
      profile.method(method.name);
      const keys = [`send_${method.name}`, `recv_${method.name}`];
      if (keys.some((key) => Object.hasOwn(client, key))) {
        measureOnClient(this.runtime, client, method);
      }
    }
  }

  private createProfile(name: string, labels: ClientLabels): ClientProfile {
    const profile = clientMetricsOf(this.runtime).profile(this.service, name, labels);
    if (!this.complete.has(profile)) {
      for (const method of this.methods) profile.method(method.name);
      this.complete.add(profile);
    }
    return profile;
  }

  private measureOnClass({ name, receive }: ClientMethod): boolean {
    const { runtime } = this;
    const isOneway = receive === null;
    const isSendMeasured = this.replace(`send_${name}`, (send) =>
      measuredSend(runtime, send, name, isOneway),
    );
    const isReceiveMeasured =
      isOneway || this.replace(`recv_${name}`, (received) => measuredReceive(runtime, received));
    return isSendMeasured && isReceiveMeasured;
  }

  /** Replaces a function on the class that has it. Returns false if that is not possible. */
  private replace(key: string, measure: (original: Method) => Method): boolean {
    for (const layer of prototypeChain(this.prototype)) {
      const property = Reflect.getOwnPropertyDescriptor(layer, key);
      if (property === undefined) continue;
      const original: unknown = property.value;
      if (typeof original !== 'function') return false;
      // A class that this one extends, or that extends this one, may be measured already.
      if (this.wrappers.has(original)) return true;
      const replacement = measure(original as Method);
      copySignature(original, replacement);
      if (!Reflect.defineProperty(layer, key, { ...property, value: replacement })) return false;
      this.wrappers.add(replacement);
      return true;
    }
    return false;
  }
}

/** Whether a key is that of a function through which a generated method sends or receives. */
function isMethodKey(key: string): boolean {
  return key.startsWith('send_') || key.startsWith('recv_');
}

function measureOnClient(
  runtime: Runtime,
  client: GeneratedClient,
  { name, send, receive }: ClientMethod,
): void {
  const replace = (key: string, original: Method, replacement: Method): void => {
    const own = Reflect.getOwnPropertyDescriptor(client, key);
    replaceMethod(client, key, original, replacement, own);
  };
  replace(`send_${name}`, send, measuredSend(runtime, send, name, receive === null));
  if (receive !== null) replace(`recv_${name}`, receive, measuredReceive(runtime, receive));
}
