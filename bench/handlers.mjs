// The undecorated handlers of the benchmark. Decorators are applied as functions, since Node.js does not support the syntax.
export class SyncHandler {
  add(a, b) {
    return a + b;
  }
}

export class AsyncHandler {
  async add(a, b) {
    return a + b;
  }
}

/** Applies method decorators to `add`, the last one innermost, as a stack of decorators in source code does. */
export function decorate(Handler, decorators) {
  const { prototype } = Handler;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'add');
  for (const decorator of decorators.toReversed()) decorator(prototype, 'add', descriptor);
  Object.defineProperty(prototype, 'add', descriptor);
  return new Handler();
}
