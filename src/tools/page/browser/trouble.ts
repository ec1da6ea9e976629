import {
  compareUrgency,
  hangs,
  isInTrouble,
  missesObjective,
  troublingRate,
  troublingRatio,
} from '../../../slo/urgency';
import { formatAge, formatBudget, formatPercentage, formatRate } from './format.js';
import { keyOf } from './method-key.js';
import type { ClientRow, MethodRow } from './protocol.js';

/** What is wrong with a method or with a client. */
export interface Trouble {
  /** Identifies a method as in the table, or a client. */
  readonly key: string;
  readonly of: 'method' | 'client';
  /** The name in a sentence. */
  readonly label: string;
  /** What is wrong in words. */
  readonly text: string;
}

export { hangs, isInTrouble, missesObjective, troublingRate, troublingRatio };

/** The methods in trouble, the most urgent first. */
export function troublesOf(rows: readonly MethodRow[]): Trouble[] {
  return rows
    .filter(isInTrouble)
    .toSorted(compareUrgency)
    .map((row) => ({
      key: keyOf(row),
      of: 'method',
      label: `${row.service}.${row.method}`,
      text: describe(row),
    }));
}

/** The dependencies in trouble, the most urgent first. */
export function clientTroublesOf(clients: readonly ClientRow[]): Trouble[] {
  return clients
    .filter(isInTrouble)
    .toSorted(compareUrgency)
    .map((client) => ({
      key: `client ${keyOf(client)}`,
      of: 'client',
      label: `Dependency ${client.method}`,
      text: describe(client) + (client.topError === null ? '' : `, mostly ${client.topError}`),
    }));
}

function describe(row: MethodRow): string {
  const parts: string[] = [];
  if (missesObjective(row)) {
    parts.push(`misses its objective, budget ${formatBudget(row.budget)}`);
  }
  const ratio = troublingRatio(row);
  if (ratio !== null && ratio > 0) {
    const word = row.badRatio === null ? 'failed' : 'bad';
    parts.push(`${formatPercentage(ratio)} of calls ${word}, ${formatRate(troublingRate(row))}`);
  }
  if (hangs(row)) parts.push(`a call has been running for ${formatAge(row.oldest)}`);
  return parts.join('; ');
}
