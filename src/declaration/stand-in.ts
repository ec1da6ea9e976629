import { inspect } from 'node:util';

import { isConstructible, type Method } from '../recording/wrap';

type InspectFunction = (depth: number, options: object, show: typeof inspect) => string;

/**
 * The target of the proxy of a facade. It has no properties at first. A proxy may report a property as non-configurable, or
 * itself as non-extensible, only if that is true of its target, so the stand-in then gets the properties that are reported.
 */
export class StandIn {
  readonly target: object;

  constructor(private readonly handler: object) {
    this.target = createTarget(handler);
    for (const key of Reflect.ownKeys(this.target)) Reflect.deleteProperty(this.target, key);
    // `util.inspect`, and with it `console.log`, reads the target and not the proxy.
    const value: InspectFunction = (_depth, options, show) => show(handler, options);
    Object.defineProperty(this.target, inspect.custom, { value, configurable: true });
  }

  /** Takes over a property, with the value that the facade answers. */
  keep(key: PropertyKey, property: PropertyDescriptor): void {
    Reflect.defineProperty(this.target, key, property);
  }

  /** Drops a property that the handler no longer has. */
  drop(key: PropertyKey): void {
    if (key !== inspect.custom) Reflect.deleteProperty(this.target, key);
  }

  /** Drops the properties that are not among the keys of the handler. */
  keepOnly(keys: readonly PropertyKey[]): void {
    for (const key of Reflect.ownKeys(this.target)) if (!keys.includes(key)) this.drop(key);
  }

  get isLocked(): boolean {
    return !Reflect.isExtensible(this.target);
  }

  /** Becomes non-extensible, as the handler is. The stand-in must have all properties of the handler before. */
  lock(): void {
    if (!Reflect.ownKeys(this.handler).includes(inspect.custom)) {
      Reflect.deleteProperty(this.target, inspect.custom);
    }
    Reflect.setPrototypeOf(this.target, Reflect.getPrototypeOf(this.handler));
    Reflect.preventExtensions(this.target);
  }
}

/** Creates an object that can be called, and called with `new`, exactly if the handler can. */
function createTarget(handler: object): object {
  if (typeof handler !== 'function') return {};
  if (!isConstructible(handler as Method)) return () => {};
  // Unlike other functions that can be called with `new`, a bound one has no `prototype`, which could not be deleted.
  return Function.prototype.bind.call(function target() {}, undefined) as object;
}
