import { threadId } from 'node:worker_threads';

import { faults } from '../../runtime/faults';
import { registryContents, type RegistryContents } from '../contents';
import { Slice } from '../pace';
import { encodeFamilies } from './family-code';
import { LAST_WORD, parseMessage, type Piece } from './messages';
import { collectForeign, encodeForeign } from './user-metrics-code';

/** How long metrics of the program are waited for, in milliseconds: well within the time that a piece is. */
const DEADLINE = 800;

type Content = Pick<Piece, 'kind' | 'body'>;

const END: Content = { kind: 'end', body: '' };

/** What this process or thread has, made piece by piece, in between of which the event loop is others'. */
export class Answer {
  private readonly pieces = this.make();
  private readonly slice = new Slice();
  private index = 0;

  constructor(readonly id: number) {}

  async next(): Promise<Piece> {
    // The request for a piece may be there before the turn in which the one before was made is over.
    if (this.index > 0) await this.slice.rest();
    const { value } = await this.pieces.next();
    return piece(this.id, this.index++, value ?? END);
  }

  private async *make(): AsyncGenerator<Content> {
    const contents = registryContents();
    // Begun now: who waits for something has its time while our families are sent.
    const foreign = collectForeign(contents, DEADLINE);
    yield* families(contents);
    for (const body of encodeForeign(await foreign)) yield { kind: 'foreign', body };
  }
}

/** All that can be had at once, by who is about to end: the families of this package. */
export function* lastWord(): Generator<Piece> {
  const contents = registryContents();
  if (contents.families.length === 0) return;
  let index = 0;
  for (const content of families(contents)) yield piece(LAST_WORD, index++, content);
  yield piece(LAST_WORD, index, END);
}

function* families(contents: RegistryContents): Generator<Content> {
  for (const encoded of encodeFamilies(contents.families, contents.defaultLabels)) {
    yield { kind: 'families', body: JSON.stringify(encoded) };
  }
}

function piece(id: number, index: number, { kind, body }: Content): Piece {
  return { type: 'thrift-metrics.2:piece', threadId, id, index, kind, body };
}

/** Answers whoever serves the metrics of all. */
export class Answers {
  /** Whether anybody has asked. */
  wasAsked = false;
  private current: Answer | null = null;

  /** Replies with the next piece, if the message asks for one. */
  async answer(message: unknown, reply: (piece: Piece) => void): Promise<void> {
    const request = parseMessage(message);
    if (request?.type !== 'thrift-metrics.2:request') return;
    this.wasAsked = true;
    try {
      if (request.index === 0) this.current = new Answer(request.id);
      // Nobody waits any more for an answer that was begun before another.
      if (this.current?.id === request.id) reply(await this.current.next());
    } catch (error) {
      faults.report('worker', error);
    }
  }

  /** Sends at once what was counted, since this process or thread is about to end. Never throws. */
  sayLastWord(send: (piece: Piece) => void): void {
    try {
      for (const piece of lastWord()) send(piece);
    } catch (error) {
      faults.report('worker', error);
    }
  }
}
