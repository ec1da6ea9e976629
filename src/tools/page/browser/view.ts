import { ATTENTION, type Sort } from './sort.js';

/** The windows that can be selected, in minutes. */
export const WINDOWS = [1, 5, 15] as const;

/** What the user has selected. */
export interface View {
  readonly minutes: number;
  /** Number of the sample that the page is paused at, or null if it is live. */
  readonly pausedAt: number | null;
  readonly filter: string;
  readonly sort: Sort;
  /** The keys of the open methods. */
  readonly open: readonly string[];
}

export const INITIAL_VIEW: View = {
  minutes: WINDOWS[0],
  pausedAt: null,
  filter: '',
  sort: ATTENTION,
  open: [],
};

export function nextWindow(minutes: number): number {
  const at = WINDOWS.findIndex((each) => each === minutes);
  return WINDOWS[(at + 1) % WINDOWS.length] as number;
}
