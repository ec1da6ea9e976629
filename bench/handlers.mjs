// The handlers of the benchmark, undecorated. Decorators are applied as functions, since Node runs no decorator syntax.
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

/** Applies method decorators, the last of the list innermost, as a stack of them in source does. */
export function decorate(Handler, decorators) {
  const { prototype } = Handler;
  const descriptor = Object.getOwnPropertyDescriptor(prototype, 'add');
  for (const decorator of decorators.toReversed()) decorator(prototype, 'add', descriptor);
  Object.defineProperty(prototype, 'add', descriptor);
  return new Handler();
}
