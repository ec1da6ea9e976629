import type { CallJournal } from './call-journal';
import { KeptCalls } from './kept-calls';

/** The calls that are kept of every method. */
export class KeptMethods {
  private readonly methods = new Map<string, KeptCalls>();

  constructor(private readonly journal: CallJournal) {}

  /** The calls that are kept of a method. All wrappers of the method share them. */
  method(service: string, method: string): KeptCalls {
    const key = JSON.stringify([service, method]);
    let kept = this.methods.get(key);
    if (kept === undefined) {
      kept = new KeptCalls(this.journal, service, method);
      this.methods.set(key, kept);
    }
    return kept;
  }

  all(): Iterable<KeptCalls> {
    return this.methods.values();
  }

  /** Drops all calls. */
  forget(): void {
    for (const kept of this.methods.values()) kept.forget();
  }
}
