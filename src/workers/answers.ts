import { faults } from '../registry/faults';
import { Answer, lastWord } from './answer';
import { parseMessage, type Piece } from './messages';

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
