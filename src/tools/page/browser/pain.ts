import { formatAge, formatBudget, formatPercentage, formatRate } from './format.js';
import { keyOf } from './method-key.js';
import type { ClientRow, Figure, MethodRow } from './protocol.js';

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

/** The fraction of calls that needs attention: bad calls, or failed ones where bad calls are unknown. */
export function painfulRatio({ badRatio, failedRatio }: MethodRow): Figure {
  return badRatio ?? failedRatio;
}

/** The calls per second that need attention, as in {@link painfulRatio}. */
export function painfulRate({ badRate, failedRate }: MethodRow): Figure {
  return badRate ?? failedRate;
}

export function missesObjective({ budget }: MethodRow): boolean {
  return budget !== null && budget < 0;
}

export function hangs({ oldest, hangAge }: MethodRow): boolean {
  return oldest !== null && oldest >= hangAge;
}

export function isInTrouble(row: MethodRow): boolean {
  return missesObjective(row) || (painfulRatio(row) ?? 0) > 0 || hangs(row);
}

/**
 * Compares how urgently two methods need attention: a missed objective first, then failures per second, then calls that
 * hang, then latency against its bound, then latency. Returns a negative number if the first one is more urgent.
 */
export function comparePain(a: MethodRow, b: MethodRow): number {
  return (
    compareFigures(overspent(a), overspent(b)) ||
    compareFigures(painfulRate(a) ?? 0, painfulRate(b) ?? 0) ||
    compareFigures(hangTime(a), hangTime(b)) ||
    compareFigures(againstBound(a), againstBound(b)) ||
    compareFigures(a.p99, b.p99)
  );
}

/** The larger figure first, and unknown ones last. */
function compareFigures(a: Figure, b: Figure): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b - a;
}

function overspent(row: MethodRow): Figure {
  return missesObjective(row) ? -(row.budget as number) : null;
}

function hangTime(row: MethodRow): Figure {
  return hangs(row) ? row.oldest : null;
}

/** Latency as a multiple of its bound, if it exceeds it. */
function againstBound({ p99, latencyBound }: MethodRow): Figure {
  if (p99 === null || latencyBound === null || p99 <= latencyBound) return null;
  return p99 / latencyBound;
}

/** The methods in trouble, the most urgent first. */
export function troublesOf(rows: readonly MethodRow[]): Trouble[] {
  return rows
    .filter(isInTrouble)
    .toSorted(comparePain)
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
    .toSorted(comparePain)
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
  const ratio = painfulRatio(row);
  if (ratio !== null && ratio > 0) {
    const word = row.badRatio === null ? 'failed' : 'bad';
    parts.push(`${formatPercentage(ratio)} of calls ${word}, ${formatRate(painfulRate(row))}`);
  }
  if (hangs(row)) parts.push(`a call has been running for ${formatAge(row.oldest)}`);
  return parts.join('; ');
}
