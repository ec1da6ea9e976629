/**
 * The fraction of an error budget that is left: 1 is all of it, 0 nothing, and below 0 it is overspent. Null without calls.
 *
 * @param target fraction of calls that must be good
 */
export function remainingBudget(bad: number, calls: number, target: number): number | null {
  return calls === 0 ? null : 1 - bad / calls / (1 - target);
}
