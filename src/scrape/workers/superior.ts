import { ThriftMetricsError } from '../../validation/errors';
import { ALL_CALLS_DEADLINE, SUM_DEADLINE } from '../deadlines';
import { NO_VALUES, Peer, type WorkerValues } from './peer';
import { Rounds } from './rounds';
import { parseCalls, type ProcessCalls } from './worker-calls';
import type { CallsSubject, Chunk, Request } from './worker-messages';

/** What a worker needs of the processes or threads that its program consists of beside it. */
export interface Superior {
  /** Finds the others. The first time, this takes a moment. */
  discover(): Promise<void>;
  /** Whether this process or thread is part of a larger sum, which it does not have itself. */
  hasSum(): boolean;
  /**
   * Returns the reports of the whole program, this process or thread included.
   *
   * @throws {@link ThriftMetricsError} `TM_ERR_NO_SUM` if they do not arrive
   */
  collect(): Promise<readonly WorkerValues[]>;
  /** Returns what `collect` returned last. */
  latest(): readonly WorkerValues[];
  /** Returns the calls of the whole program, this process or thread included, or null if they do not arrive. */
  calls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null>;
  /**
   * Calls `open` when this is the process of the program that serves the metrics, and `close` when it no longer is. A
   * successor may have to wait a moment for the port.
   */
  whileServing(port: number, open: (isSuccessor: boolean) => void, close: () => void): void;
  /** Lets the others know that the program serves its metrics itself. Resolves when those that can answer have. */
  claimServing(): Promise<void>;
}

/** Requests the sum over the whole program from the process or thread that has it. */
export class SumLink {
  private readonly peer: Peer;
  private readonly rounds = new Rounds<WorkerValues>();
  private callsId: number;

  /**
   * @param id of the latest request. The ids of threads that share a channel must differ.
   * @param answering names the process or thread that has the sum, for error messages
   */
  constructor(
    send: (message: Request) => void,
    private readonly answering: string,
    private id = 0,
  ) {
    this.callsId = id;
    this.peer = new Peer(send, SUM_DEADLINE);
  }

  receive(chunk: Chunk): void {
    if (chunk.kind === 'calls' || chunk.id === this.id) this.peer.receive(chunk);
  }

  latest(): WorkerValues {
    return this.peer.last ?? NO_VALUES;
  }

  ask(): Promise<WorkerValues> {
    return this.rounds.join(() => this.request());
  }

  /** Requests the calls of the whole program. Resolves to null if no answer arrives. */
  async askCalls(subject: CallsSubject): Promise<readonly ProcessCalls[] | null> {
    const body = await this.peer.askCalls(++this.callsId, subject, ALL_CALLS_DEADLINE);
    return body === null ? null : parseCalls(body);
  }

  /** Ends the requests whose answers can no longer arrive. */
  end(): void {
    this.peer.end();
  }

  private async request(): Promise<WorkerValues> {
    const id = ++this.id;
    await this.peer.ask(id);
    if (this.peer.answered === id && this.peer.last !== null) return this.peer.last;
    throw noSum(`${this.answering} does not answer. Stop it if it hangs`);
  }
}

/** The error of a scrape that would show a part of the program as if it were the whole. */
export function noSum(reason: string, cause?: unknown): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_NO_SUM',
    `This worker has only a part of the metrics of its program, and cannot get the rest: ${reason}.`,
    { cause },
  );
}
