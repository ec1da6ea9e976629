import { isInTrouble } from './trouble.js';
import type { MethodRow } from './protocol.js';

/** Which methods the table shows. */
export interface MethodFilter {
  readonly filter: string;
  readonly hidesIdle: boolean;
  readonly onlyFailing: boolean;
}

/** Whether a method is shown: it must match the text and everything that is selected. */
export function isShown(row: MethodRow, { filter, hidesIdle, onlyFailing }: MethodFilter): boolean {
  if (hidesIdle && isIdle(row)) return false;
  if (onlyFailing && !isInTrouble(row) && (row.failedRatio ?? 0) === 0) return false;
  return matches(row, filter);
}

/** Whether a method was not called, and no call is in progress. */
export function isIdle({ rate, inFlight }: MethodRow): boolean {
  return (rate ?? 0) === 0 && (inFlight ?? 0) === 0;
}

/** Whether the name of a method contains every word of the filter, ignoring case. */
export function matches(
  { service, method }: { readonly service: string; readonly method: string },
  filter: string,
): boolean {
  const name = `${service}.${method}`.toLowerCase();
  return filter
    .toLowerCase()
    .split(/\s+/)
    .every((word) => name.includes(word));
}
