import type { CallReference } from '../../recording/call-reference';

/** A call in progress that was found. */
export interface FoundCall {
  readonly service: string;
  readonly method: string;
  /** Age in seconds. */
  readonly age: number;
  readonly reference: CallReference | null;
}

/** The oldest of any number of calls. Holds at most twice as many as it keeps. */
export class OldestCalls {
  /** Number of calls that were added. */
  total = 0;
  private found: FoundCall[] = [];

  constructor(private readonly most: number) {}

  add(call: FoundCall): void {
    this.total++;
    this.found.push(call);
    if (this.found.length >= 2 * this.most) this.found = this.oldest();
  }

  /** The oldest calls, the oldest first. */
  oldest(): FoundCall[] {
    return this.found.toSorted((a, b) => b.age - a.age).slice(0, this.most);
  }
}
