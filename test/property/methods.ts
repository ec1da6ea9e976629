type Body = (self: unknown, args: unknown[]) => unknown;

/** A method with this name and number of parameters, plain or `async`, as in a class body. */
export function methodOf(
  name: string,
  arity: number,
  isAsync: boolean,
  body: Body,
): (...args: never[]) => unknown {
  const build = (isAsync ? asyncMethods : methods)[arity];
  if (build === undefined) throw new RangeError(`no method with ${arity} parameters`);
  return build(name, body);
}

type Build = (name: string, body: Body) => (...args: never[]) => unknown;

const methods: readonly Build[] = [
  (name, body) =>
    pick(name, {
      [name]() {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      [name](_a: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      [name](_a: unknown, _b: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      [name](_a: unknown, _b: unknown, _c: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      [name](_a: unknown, _b: unknown, _c: unknown, _d: unknown) {
        return body(this, [...arguments]);
      },
    }),
];

const asyncMethods: readonly Build[] = [
  (name, body) =>
    pick(name, {
      async [name]() {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      async [name](_a: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      async [name](_a: unknown, _b: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      async [name](_a: unknown, _b: unknown, _c: unknown) {
        return body(this, [...arguments]);
      },
    }),
  (name, body) =>
    pick(name, {
      async [name](_a: unknown, _b: unknown, _c: unknown, _d: unknown) {
        return body(this, [...arguments]);
      },
    }),
];

function pick(name: string, object: Record<string, (...args: never[]) => unknown>) {
  return object[name] as (...args: never[]) => unknown;
}
