import { HEAD } from './tables/cells.mjs';
import { CALL_GROUPS } from './tables/call-groups.mjs';
import { OPENTELEMETRY_GROUPS } from './tables/opentelemetry-groups.mjs';
import { PROCESS_GROUPS } from './tables/process-groups.mjs';
import { SCRAPE_GROUPS } from './tables/scrape-groups.mjs';
import { markdownTable } from './markdown-table.mjs';
import { machinesOf } from './results.mjs';

/**
 * All groups: the table that has its rows, the expected duration in seconds, a function that measures, and one that writes
 * rows from what was found.
 */
export const GROUPS = [
  ...CALL_GROUPS,
  ...OPENTELEMETRY_GROUPS,
  ...SCRAPE_GROUPS,
  ...PROCESS_GROUPS,
];

/** Writes the tables of which any group has results, by name. Each begins with the machine that measured it. */
export function writeGroupTables(results) {
  const tables = new Map();
  for (const table of new Set(GROUPS.map((group) => group.table))) {
    const groups = GROUPS.filter((group) => group.table === table && group.name in results);
    if (groups.length === 0) continue;
    const rows = groups.flatMap((group) => group.rows(results[group.name].result));
    const machines = machinesOf(groups.map(({ name }) => results[name]));
    const head = groups[0].head ?? HEAD;
    tables.set(table, `${machines}.\n\n${markdownTable([head, ...rows])}`);
  }
  return tables;
}
