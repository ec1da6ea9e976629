import { CallInProgress } from '../../recording/in-flight';
import { UNTIMED } from '../../metrics/clock';
import type { LostReason, MethodMetrics, Reply } from './method-metrics';
import type { BegunCall } from './begun-reply';

/** The queue of calls that wait for replies through one protocol object. */
export interface ReplyQueue {
  remove(call: MessageCall): void;
}

/** A message whose arguments are decoded, until it is answered or certain not to be. */
export class MessageCall extends CallInProgress implements BegunCall {
  declare settled: boolean;
  /** The call that arrived next and waits for its reply through the same protocol object. */
  declare next: MessageCall | null;
  /** The kind of the reply that was begun. */
  declare reply: Reply;
  declare writeStart: [number, number];
  /** Bytes in the transport when the reply was begun, which failed replies may have left. */
  declare outBefore: number;
  declare private readonly generation: number;

  constructor(
    readonly method: MethodMetrics,
    /** The name in the reply. */
    readonly name: unknown,
    readonly seqid: unknown,
    readonly queue: ReplyQueue,
    since: [number, number],
  ) {
    super(since);
    this.settled = false;
    this.next = null;
    this.reply = 'none';
    this.writeStart = UNTIMED;
    this.outBefore = 0;
    const { active } = method;
    active.value++;
    this.generation = active.generation;
    method.waiting.enter(this);
  }

  /** The reply is written. */
  answer(size: number): void {
    const { replies } = this.method;
    if (replies !== null) {
      replies.write.observeSince(this.writeStart);
      if (size >= 0) replies.size.observe(size);
    }
    this.end(this.reply);
  }

  /** The handler had an answer, but the client does not get it. */
  lose(reason: LostReason): void {
    const { replies } = this.method;
    if (replies !== null) replies.lost[reason].value++;
    this.end('none');
  }

  /** The reply that was begun will never be complete. */
  abandon(): void {
    this.queue.remove(this);
    this.lose('unserializable');
  }

  end(reply: Reply): void {
    this.settled = true;
    const { method } = this;
    const { active } = method;
    if (active.generation === this.generation) active.value--;
    this.leaveList();
    method.count(reply);
  }
}
