import { threadId } from 'node:worker_threads';

import { milliseconds, wallClock } from '../metrics/clock';
import type { ErrorSample } from '../metrics/error-sample';
import type { ErrorReader } from './error-details';

/** The series of one type of error. */
export interface SampledErrors {
  sample: ErrorSample | null;
}

const UNREAD: ErrorSample = { message: '', stack: '', time: 0, process: '', due: 0 };

/** Milliseconds between two errors of one series that are read. */
const INTERVAL = 1000;

const PROCESS = threadId === 0 ? String(process.pid) : `${process.pid}, thread ${threadId}`;

/**
 * Keeps the message and the innermost stack frames of a recent error of each series: of one error per second at most, because
 * V8 formats a stack only when it is first read. The error is read when the current code has ended, and then let go.
 */
export class ErrorSampler {
  constructor(private readonly reader: ErrorReader) {}

  /** Reads an error soon, unless one of the same series was read within the last second. */
  take(errors: SampledErrors, error: unknown): void {
    if (!this.reader.isOn) return;
    const time = milliseconds();
    const latest = errors.sample ?? UNREAD;
    if (time < latest.due) return;
    const due = time + INTERVAL;
    const pending: ErrorSample = { ...latest, due };
    errors.sample = pending;
    this.reader.readLater(error, ({ message, stack }) => {
      // A reset has forgotten the error.
      if (errors.sample !== pending) return;
      errors.sample = {
        message: message ?? '',
        stack: stack ?? '',
        time: wallClock(),
        process: PROCESS,
        due,
      };
    });
  }
}
