import { CallInProgress } from '../../recording/in-flight';
import { UNTIMED } from '../../metrics/clock';
import type { LostReason, MethodMetrics, Reply } from './method-metrics';
import type { RepliedCall } from './unfinished-reply';

/** The queue of calls that wait for replies through one protocol object. */
export interface ReplyQueue {
  remove(call: MessageCall): void;
}

/** A message whose arguments are decoded, until it is answered or can no longer be. */
export class MessageCall extends CallInProgress implements RepliedCall {
  declare settled: boolean;
  /** The next call in the queue. */
  declare next: MessageCall | null;
  /** The kind of the reply that was started. */
  declare reply: Reply;
  declare writeStart: [number, number];
  /** Number of bytes in the transport when the reply was started. Failed replies may have left some. */
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

  /** Records that the reply is written. */
  answer(size: number): void {
    const { replies } = this.method;
    if (replies !== null) {
      replies.write.observeSince(this.writeStart);
      if (size >= 0) replies.size.observe(size);
    }
    this.end(this.reply);
  }

  /** Records that the handler answered and the client does not get the answer. */
  lose(reason: LostReason): void {
    const { replies } = this.method;
    if (replies !== null) replies.lost[reason].value++;
    this.end('none');
  }

  /** Records that writing the reply has failed. */
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
