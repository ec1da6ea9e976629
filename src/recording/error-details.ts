import { types } from 'node:util';

import { shortText } from './short-text';

/** The longest message of an error that is kept, in UTF-16 code units. */
const LONGEST_MESSAGE = 512;

/** The most frames of a stack that are kept, and the most UTF-16 code units of all of them together. */
export const MOST_FRAMES = 10;
export const LONGEST_STACK = 2048;

/** What is kept of an error. What it does not have, or does not let read, is null. */
export interface ErrorDetails {
  readonly message: string | null;
  readonly stack: string | null;
}

// No regular expressions here, for the reason given in `exception.ts`.

const FRAME = '\n    at ';

/** Reads the message and the stack of anything that can be thrown. Never throws. */
export function errorDetails(error: unknown): ErrorDetails {
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
    return { message: shortText(String(error), LONGEST_MESSAGE), stack: null };
  }
  const message = textOf(error, 'message');
  // V8 writes a stack when it is first read, and asks the error for its name and message.
  const stack =
    message === UNREADABLE || textOf(error, 'name') === UNREADABLE ? null : textOf(error, 'stack');
  return {
    message: typeof message === 'string' ? shortText(message, LONGEST_MESSAGE) : null,
    stack:
      typeof stack === 'string'
        ? framesOf(stack, typeof message === 'string' ? message : '')
        : null,
  };
}

/** The first frames of a stack, without the message before them. */
function framesOf(stack: string, message: string): string | null {
  const header = message === '' ? -1 : stack.indexOf(message);
  const from = stack.indexOf(FRAME, header === -1 ? 0 : header + message.length);
  if (from === -1) return null;
  let to = from;
  for (let frames = 0; frames < MOST_FRAMES && to !== -1; frames++) {
    to = stack.indexOf(FRAME, to + 1);
    if (to - from > LONGEST_STACK) break;
  }
  return shortText(to === -1 ? stack.slice(from + 1) : stack.slice(from + 1, to), LONGEST_STACK);
}

/** The most prototypes of an error that are searched for a property. */
const MOST_PROTOTYPES = 32;

/** Stands for a property that cannot be read without running code of the program. */
const UNREADABLE: unique symbol = Symbol('unreadable');

/**
 * A property of an error if it is a text that is not empty, or else null. Runs no code of the program, which must not notice
 * that an error is read: no traps of a proxy, and no getters but those of V8.
 */
function textOf(
  error: object,
  key: 'message' | 'name' | 'stack',
): string | typeof UNREADABLE | null {
  try {
    let object: object | null = error;
    for (let i = 0; i < MOST_PROTOTYPES && object !== null; i++) {
      if (types.isProxy(object)) return UNREADABLE;
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      if (property !== undefined) return textOfProperty(error, property);
      object = Reflect.getPrototypeOf(object);
    }
    return null;
  } catch {
    // Such as a function that formats stacks, and throws.
    return UNREADABLE;
  }
}

function textOfProperty(
  error: object,
  property: PropertyDescriptor,
): string | typeof UNREADABLE | null {
  // oxlint-disable-next-line typescript/unbound-method -- called with the error as its receiver
  const getter = property.get as ((this: void) => unknown) | undefined;
  if (getter !== undefined && !isNative(getter)) return UNREADABLE;
  const text: unknown = getter === undefined ? property.value : Reflect.apply(getter, error, []);
  return typeof text === 'string' && text !== '' ? text : null;
}

function isNative(getter: (this: void) => unknown): boolean {
  return Function.prototype.toString.call(getter).includes('[native code]');
}
