import { ListedCall } from '../../recording/in-flight';
import { UNTIMED } from '../../metrics/clock';
import type { LostReason, MethodMetrics, Reply } from './method-metrics';
import type { ReplyObserver } from './reply-observer';

/** A message whose arguments are decoded, until it is answered, or it is certain that it will not be. */
export class MessageCall extends ListedCall {
  declare settled: boolean;
  /** The next in the order of arrival that waits for a reply through the same protocol object. */
  declare next: MessageCall | null;
  /** What the reply that is begun says it is. */
  declare reply: Reply;
  declare writeStart: [number, number];
  /** What the transport held when the reply was begun: rests of replies that failed. */
  declare outBefore: number;
  declare private readonly epoch: number;

  constructor(
    readonly method: MethodMetrics,
    /** What the reply will bear. */
    readonly name: unknown,
    readonly seqid: unknown,
    readonly observer: ReplyObserver,
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
    this.epoch = active.epoch;
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

  /** There was an answer, and the client does not get it. */
  lose(reason: LostReason): void {
    const { replies } = this.method;
    if (replies !== null) replies.lost[reason].value++;
    this.end('none');
  }

  /** The reply that was begun will never be whole. */
  abandon(): void {
    this.observer.remove(this);
    this.lose('unserializable');
  }

  end(reply: Reply): void {
    this.settled = true;
    const { method } = this;
    const { active } = method;
    if (active.epoch === this.epoch) active.value--;
    this.leaveList();
    method.count(reply);
  }
}
