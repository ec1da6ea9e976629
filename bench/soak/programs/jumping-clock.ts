// Replaces `Date` with one that can jump, as it does when somebody sets the clock. The package keeps the `Date` that it finds,
// so a program imports this file first.

const RealDate = Date;

/** The jumps, in milliseconds from the real time: an hour ahead, a day behind, half a second ahead, and back. */
const OFFSETS = [3_600_000, -86_400_000, 500, 0];

/** The wall clock of this process. */
export const jumpingClock = {
  jumps: 0,
  offset: 0,
  jump(): void {
    this.offset = OFFSETS[this.jumps % OFFSETS.length] as number;
    this.jumps++;
  },
};

class JumpingDate extends RealDate {
  static override readonly now = (): number => RealDate.now() + jumpingClock.offset;

  constructor(...args: [] | [number | string]) {
    super(args.length === 0 ? JumpingDate.now() : args[0]);
  }
}

globalThis.Date = JumpingDate as DateConstructor;
