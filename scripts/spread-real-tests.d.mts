import { BaseSequencer } from 'vitest/node';

export declare class SpreadRealTests extends BaseSequencer {}
export function spread<First, Second>(
  first: readonly First[],
  second: readonly Second[],
): (First | Second)[];
