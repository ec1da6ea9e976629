import { threadId } from 'node:worker_threads';

import { milliseconds, runNext, wallClock } from '../metrics/clock';
import type { ErrorSample } from '../metrics/error-sample';
import { textOf } from './exception';
import type { FaultSink } from './guards';
import { isThenable } from './promise';

/** Shortens or replaces a message or a stack before it is kept. */
export type Redact = (text: string) => string;

/** The series of one type of error. */
export interface SampledErrors {
  sample: ErrorSample | null;
}

const UNREAD: ErrorSample = { message: '', stack: '', time: 0, process: '', due: 0 };

/** Milliseconds between two errors of one series that are read. */
const INTERVAL = 1000;

const MAX_MESSAGE = 500;
const MAX_FRAMES = 8;
const MAX_FRAME = 200;

/** Characters of a message and of a stack that are looked at. More than is kept, so that nothing is cut before it is redacted. */
const MAX_READ = 8192;

const SITE = 'errorDetails';

const PROCESS = threadId === 0 ? String(process.pid) : `${process.pid}, thread ${threadId}`;

/**
 * Keeps the message and the innermost stack frames of a recent error of each series: of one error per second at most, because
 * V8 formats a stack only when it is first read. The error is read when the current code has ended, and then let go.
 */
export class ErrorSampler {
  /** Whether errors are read. */
  isOn = true;
  private redact: Redact | null = null;

  constructor(private readonly faults: FaultSink) {}

  /** @param details the option `errorDetails`: whether errors are read, or a function that redacts what they say */
  configure(details: boolean | Redact): void {
    this.isOn = details !== false;
    this.redact = typeof details === 'function' ? details : null;
  }

  /** Reads an error soon, unless one of the same series was read within the last second. */
  take(errors: SampledErrors, error: unknown): void {
    if (!this.isOn) return;
    const time = milliseconds();
    const latest = errors.sample ?? UNREAD;
    if (time < latest.due) return;
    const due = time + INTERVAL;
    errors.sample = { ...latest, due };
    // Later, because the stack may be nearly full, and because reading a stack takes long: it is not part of the call.
    runNext(() => this.read(errors, error, due));
  }

  private read(errors: SampledErrors, error: unknown, due: number): void {
    if (!this.isOn) return;
    try {
      const message = messageOf(error);
      errors.sample = {
        message: this.toKeep(message.slice(0, MAX_READ), MAX_MESSAGE),
        stack: this.toKeep(framesOf(error, message), MAX_FRAMES * MAX_FRAME),
        time: wallClock(),
        process: PROCESS,
        due,
      };
    } catch (fault) {
      this.faults.report(SITE, fault);
    }
  }

  /** Redacts and bounds a text. What cannot be redacted is not kept. */
  private toKeep(text: string, length: number): string {
    if (text === '') return '';
    let kept: unknown = text;
    if (this.redact !== null) {
      kept = this.redact(text);
      // The function may be async by mistake. Its rejection must not end the program.
      if (isThenable(kept)) kept.then(undefined, () => {});
      if (typeof kept !== 'string') {
        throw new TypeError(
          `${SITE}: the function returned a value of type ${typeof kept}. Return the text that may be shown.`,
        );
      }
    }
    const all = kept as string;
    return copyOf(all.length > length ? `${all.slice(0, length - 1)}…` : all);
  }
}

/** Copies a text, because a part of a text keeps all of it in memory. */
function copyOf(text: string): string {
  return Buffer.from(text.toWellFormed()).toString();
}

function messageOf(error: unknown): string {
  switch (typeof error) {
    case 'string':
      return error;
    case 'number':
    case 'boolean':
    case 'symbol':
      return String(error);
    default:
      return isReadable(error) ? textOf(error, 'message') : '';
  }
}

/** The innermost frames of the stack of an error, as V8 writes them: below the message, one per line. */
function framesOf(error: unknown, message: string): string {
  const stack = isReadable(error) ? textOf(error, 'stack') : '';
  const at = stack.indexOf(message);
  // The message may have changed since the stack was captured.
  const start = at === -1 ? 0 : at + message.length;
  return stack
    .slice(start, start + MAX_READ)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.startsWith('at '))
    .slice(0, MAX_FRAMES)
    .map((frame) => (frame.length > MAX_FRAME - 1 ? `${frame.slice(0, MAX_FRAME - 2)}…` : frame))
    .join('\n');
}

function isReadable(error: unknown): error is object {
  return (typeof error === 'object' && error !== null) || typeof error === 'function';
}
