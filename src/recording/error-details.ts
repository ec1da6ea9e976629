import { types } from 'node:util';

import { runNext } from '../metrics/clock';
import type { FaultSink } from './guards';
import { ignoreRejection } from './promise';
import { shortText } from './short-text';

/** Shortens or replaces a message or a stack before it is kept. */
export type Redact = (text: string) => string;

/** What is kept of an error. What it does not have, or does not let read, is null. */
export interface ErrorDetails {
  readonly message: string | null;
  readonly stack: string | null;
}

export const NO_DETAILS: ErrorDetails = { message: null, stack: null };

/** The longest message that is kept, in UTF-16 code units. */
const LONGEST_MESSAGE = 512;

/** The most frames of a stack that are kept, the longest one, and the UTF-16 code units of all of them together. */
export const MOST_FRAMES = 10;
export const LONGEST_FRAME = 200;
export const LONGEST_STACK = 2048;

/** The part of a message and of a stack that is looked at. Longer than what is kept, so that nothing is cut before it is redacted. */
const LONGEST_READ = 8192;

/** The most prototypes of an error that are searched for a property. */
const MOST_PROTOTYPES = 32;

const SITE = 'errorDetails';

/** Stands for a property that cannot be read without running code of the program. */
const UNREADABLE: unique symbol = Symbol('unreadable');

/**
 * Reads the message and the innermost stack frames of errors, as the option `errorDetails` says. Runs no code of the program
 * but that option and `Error.prepareStackTrace`, because the program must not notice that its errors are read.
 */
export class ErrorReader {
  /** Whether errors are read. */
  isOn = true;
  private redact: Redact | null = null;

  constructor(private readonly faults: FaultSink) {}

  /** @param details the option `errorDetails`: whether errors are read, or a function that redacts what they say */
  configure(details: boolean | Redact): void {
    this.isOn = details !== false;
    this.redact = typeof details === 'function' ? details : null;
  }

  /** Whether a function redacts what errors say. */
  get isRedacted(): boolean {
    return this.redact !== null;
  }

  /**
   * Reads an error when the current code has ended, unless errors are no longer read by then. Until then the stack may be
   * nearly full, where V8 ends the process if a function that formats stacks compiles a regular expression. Reading a stack
   * also takes long, and is not part of the call.
   */
  readLater(error: unknown, use: (details: ErrorDetails) => void): void {
    if (!this.isOn) return;
    runNext(() => {
      if (this.isOn) use(this.read(error));
    });
  }

  /** Reads anything that can be thrown. Never throws. The result holds no part of the error. */
  read(error: unknown): ErrorDetails {
    if (!this.isOn) return NO_DETAILS;
    try {
      const { message, stack } = textsOf(error);
      return {
        message: this.toKeep(message, LONGEST_MESSAGE),
        stack: this.toKeep(stack, LONGEST_STACK),
      };
    } catch (fault) {
      this.faults.report(SITE, fault);
      return NO_DETAILS;
    }
  }

  /** Redacts and bounds a text. What cannot be redacted is not kept. */
  private toKeep(text: string | null, longest: number): string | null {
    if (text === null || this.redact === null) {
      return text === null ? null : shortText(text, longest);
    }
    const kept: unknown = this.redact(text);
    ignoreRejection(kept);
    if (typeof kept !== 'string') {
      throw new TypeError(
        `configureMetrics: the function 'errorDetails' returned a value of type ${typeof kept}, so nothing of the error is shown. Return the text that may be shown.`,
      );
    }
    return kept === '' ? null : shortText(kept, longest);
  }
}

// No regular expressions here, for the reason given in `exception.ts`.

/** The body of a function that is not written in JavaScript. No function of a program can have it. */
const NATIVE = '[native code]';

function textsOf(error: unknown): ErrorDetails {
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
    return { message: String(error).slice(0, LONGEST_READ), stack: null };
  }
  const message = textOf(error, 'message');
  // V8 writes a stack when it is first read, and asks the error for its name and message.
  const isStackReadable = message !== UNREADABLE && textOf(error, 'name') !== UNREADABLE;
  const stack = isStackReadable ? textOf(error, 'stack') : UNREADABLE;
  const known = message === UNREADABLE ? null : message;
  return {
    message: known?.slice(0, LONGEST_READ) ?? null,
    stack: stack === UNREADABLE || stack === null ? null : framesOf(stack, known ?? ''),
  };
}

/** The innermost frames of a stack, as V8 writes them: below the message, one per line. */
function framesOf(stack: string, message: string): string | null {
  const header = message === '' ? -1 : stack.indexOf(message);
  // The message may have changed since the stack was captured.
  const start = header === -1 ? 0 : header + message.length;
  const frames = stack
    .slice(start, start + LONGEST_READ)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, MOST_FRAMES)
    .map((frame) => shortText(frame, LONGEST_FRAME));
  return frames.length === 0 ? null : frames.join('\n');
}

/** A property of an error if it is a text that is not empty, or else null. */
function textOf(
  error: object,
  key: 'message' | 'name' | 'stack',
): string | typeof UNREADABLE | null {
  try {
    let object: object | null = error;
    for (let i = 0; i < MOST_PROTOTYPES && object !== null; i++) {
      if (types.isProxy(object)) return UNREADABLE;
      const property = Reflect.getOwnPropertyDescriptor(object, key);
      if (property !== undefined) return textOfProperty(error, key, property);
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
  key: string,
  property: PropertyDescriptor,
): string | typeof UNREADABLE | null {
  // oxlint-disable-next-line typescript/unbound-method -- called with the error as its receiver
  const getter = property.get as ((this: void) => unknown) | undefined;
  if (getter !== undefined && !isOfPlatform(getter, key)) return UNREADABLE;
  const text: unknown = getter === undefined ? property.value : Reflect.apply(getter, error, []);
  return typeof text === 'string' && text !== '' ? text : null;
}

/** Whether a getter belongs to V8, or to `DOMException`, which Node.js throws when a signal aborts and writes in JavaScript. */
function isOfPlatform(getter: (this: void) => unknown, key: string): boolean {
  const source = Function.prototype.toString.call(getter);
  // Bound functions and proxies of functions are native, too, but without a name, and call functions of the program.
  const isNative =
    !source.startsWith('function ()') &&
    source.slice(source.lastIndexOf('{') + 1, source.lastIndexOf('}')).trim() === NATIVE;
  return isNative || getter === Reflect.getOwnPropertyDescriptor(DOMException.prototype, key)?.get;
}
