/** A decorator that is applied as compiled code does, but to a class that is created at run time. */
// oxlint-disable-next-line typescript/no-explicit-any -- the overloads of the decorators accept only typed methods
export type Decorator = (...args: any[]) => unknown;
type Class = new () => object;

export interface Applied {
  readonly methods: Readonly<Record<string, Decorator[]>>;
  readonly toClass: readonly Decorator[];
}

export function applyLegacy(Target: Class, { methods, toClass }: Applied): Class {
  for (const [key, stack] of Object.entries(methods)) {
    let descriptor = Object.getOwnPropertyDescriptor(Target.prototype, key);
    for (const decorate of stack.toReversed()) {
      descriptor =
        (decorate(Target.prototype, key, descriptor) as PropertyDescriptor | undefined) ??
        descriptor;
    }
    Object.defineProperty(Target.prototype, key, descriptor ?? {});
  }
  return toClass.reduceRight(
    (Decorated, decorate) => (decorate(Decorated) as Class | undefined) ?? Decorated,
    Target,
  );
}

/** Adds to `initializers`, which the constructor of `Target` runs on each new instance. */
export function applyStandard(
  Target: Class,
  { methods, toClass }: Applied,
  initializers: ((this: unknown) => void)[],
): Class {
  const metadata = {};
  for (const [key, stack] of Object.entries(methods)) {
    const context = {
      kind: 'method',
      name: key,
      static: false,
      private: false,
      metadata,
      access: {
        has: (object: object) => key in object,
        get: (object: Record<string, unknown>) => object[key],
      },
      addInitializer: (each: () => void) => void initializers.push(each),
    };
    const descriptor = Object.getOwnPropertyDescriptor(Target.prototype, key);
    const value = stack.reduceRight<unknown>(
      (method, decorate) => decorate(method, context) ?? method,
      descriptor?.value,
    );
    Object.defineProperty(Target.prototype, key, { ...descriptor, value });
  }
  const afterwards: ((this: unknown) => void)[] = [];
  const context = {
    kind: 'class',
    name: Target.name,
    metadata,
    addInitializer: (each: () => void) => void afterwards.push(each),
  };
  const Decorated = toClass.reduceRight(
    (Before, decorate) => (decorate(Before, context) as Class | undefined) ?? Before,
    Target,
  );
  for (const each of afterwards) each.call(Decorated);
  return Decorated;
}
