import type { CallChannel } from './call-channel';
import type { Gate } from './plan';

/** The gate of one method: closed while recording is switched off, or while a rule excludes the method. */
export class MethodGate implements Gate {
  enabled: boolean;
  readonly calls: CallChannel;
  /** Whether a rule excludes every metric of the method. */
  isExcluded = false;

  constructor(private readonly main: Gate) {
    this.enabled = main.enabled;
    this.calls = main.calls;
  }

  exclude(isExcluded: boolean): void {
    this.isExcluded = isExcluded;
    this.follow();
  }

  /** Takes over the state of the main gate. */
  follow(): void {
    this.enabled = this.main.enabled && !this.isExcluded;
  }
}

/**
 * The switch that `configureMetrics({ enabled })` turns, and the gates of all methods, which follow it. A wrapper reads one
 * field, whether a method is excluded or recording is switched off.
 */
export class MainGate implements Gate {
  enabled = true;
  private members: WeakRef<MethodGate>[] = [];
  /** Number of members above which collected ones are removed. */
  private sweepAt = 64;

  /** @param calls the tracing channel of handlers */
  constructor(readonly calls: CallChannel) {}

  set(enabled: boolean): void {
    this.enabled = enabled;
    for (const member of this.members) member.deref()?.follow();
  }

  createMember(): MethodGate {
    const member = new MethodGate(this);
    if (this.members.length >= this.sweepAt) {
      this.members = this.members.filter((each) => each.deref() !== undefined);
      this.sweepAt = Math.max(64, 2 * this.members.length);
    }
    this.members.push(new WeakRef(member));
    return member;
  }
}
