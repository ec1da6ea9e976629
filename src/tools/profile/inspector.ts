import type { Session } from 'node:inspector';

import { LATE, within } from '../../scrape/deadlines';

/** Milliseconds to wait for an answer of the inspector. The one of Node.js answers at once. */
const ANSWER_DEADLINE = 5000;

/** The runtime has no inspector, or one that cannot do what is needed. */
export class NoInspector extends Error {}

/** Something else in this process does what cannot be done twice. */
export class InspectorInUse extends Error {}

/** A connection to the inspector of this thread, for as long as a profile takes. It opens no port. */
export class Inspector {
  private constructor(private readonly session: Session) {}

  /** @throws {@link NoInspector} */
  static connect(): Inspector {
    try {
      // Only a process that takes a profile loads it. Some builds of Node.js do not have it.
      const inspector = require('node:inspector') as typeof import('node:inspector');
      const session = new inspector.Session();
      session.connect();
      return new Inspector(session);
    } catch (error) {
      throw new NoInspector(unavailable(error), { cause: error });
    }
  }

  /**
   * Sends a command of the protocol: https://chromedevtools.github.io/devtools-protocol/v8/
   *
   * @throws {Error} with the answer of the inspector if it refuses.
   */
  async post(command: string, parameters: object = {}): Promise<unknown> {
    const answer = new Promise((resolve, reject) => {
      this.session.post(command, parameters, (error, result) => {
        if (error === null) resolve(result);
        else reject(error instanceof Error ? error : new Error(messageOf(error)));
      });
    });
    const result = await within(answer, ANSWER_DEADLINE, false);
    if (result === LATE) throw new Error(`the inspector does not answer ${command}`);
    return result;
  }

  /** Sends a command without which there is no profile. */
  async need(command: string, parameters: object = {}): Promise<unknown> {
    try {
      return await this.post(command, parameters);
    } catch (error) {
      throw new NoInspector(unavailable(error), { cause: error });
    }
  }

  /** Ends everything that was started through this connection. */
  disconnect(): void {
    this.session.disconnect();
  }
}

function unavailable(error: unknown): string {
  const { bun, deno } = process.versions as { readonly bun?: string; readonly deno?: string };
  const runtime =
    bun !== undefined
      ? `Bun ${bun}`
      : deno !== undefined
        ? `Deno ${deno}`
        : `Node.js ${process.version}`;
  return `${runtime} cannot take this profile in this process, because it lacks the inspector of Node.js or a part of it: ${messageOf(error)}`;
}

function messageOf(error: unknown): string {
  return String((error as { readonly message?: unknown } | null)?.message ?? error);
}
