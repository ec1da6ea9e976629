import { CounterCell, type GaugeCell } from '../../metrics/cell';
import { ActiveCalls } from '../../recording/in-flight';
import type { MessageCall } from './message-call';

/**
 * The call to which a reply is begun and not flushed; in the whole process there is one at most. Generated code does both
 * in one turn, so when anything else happens, writing has failed, and the error went where nobody here can see it: to
 * whoever called the callback.
 */
export const begun: { call: MessageCall | null } = { call: null };

/** To be called wherever a reply that is still begun must have failed. */
export function endBegunReply(): void {
  const { call } = begun;
  begun.call = null;
  call?.abandon();
}

// Whether a reply that was begun has failed may show at a scrape only. So what depends on it looks before it is read.

/** A counter of replies that failed. */
export class LookingCounter extends CounterCell {
  constructor() {
    super();
    let count = 0;
    Object.defineProperty(this, 'value', {
      get: () => {
        endBegunReply();
        return count;
      },
      set: (value: number) => {
        count = value;
      },
    });
  }
}

/** How many messages wait for their reply. Each call writes it: accessors of the class are fast, those of instances not. */
export class LookingGauge implements GaugeCell {
  epoch = 0;
  private count = 0;

  get value(): number {
    if (begun.call !== null) endBegunReply();
    return this.count;
  }

  set value(value: number) {
    this.count = value;
  }

  reset(): void {
    this.count = 0;
    this.epoch++;
  }
}

/** The messages that wait for their reply. */
export class WaitingMessages extends ActiveCalls {
  override oldestSeconds(): number {
    endBegunReply();
    return super.oldestSeconds();
  }
}
