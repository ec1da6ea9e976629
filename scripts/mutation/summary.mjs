import { readFileSync } from 'node:fs';

/** How Stryker calls mutants that no test noticed. */
const MISSED = ['Survived', 'NoCoverage'];

const filesIn = (report) => JSON.parse(readFileSync(report, 'utf8')).files;

/** The lines with mutants that no test noticed in a report of Stryker, as globs with ranges. */
export function missedIn(report) {
  const ranges = Object.entries(filesIn(report)).flatMap(([name, { mutants }]) =>
    mutants
      .filter(({ status }) => MISSED.includes(status))
      .map(({ location: { start, end } }) => `${name}:${start.line}-${end.line}`),
  );
  return [...new Set(ranges)];
}

/** Reads a report of Stryker, and returns lines for the table in docs/explanation/reliability.md. */
export function summaryOf(report) {
  const mutants = Object.values(filesIn(report)).flatMap((file) => file.mutants);
  const having = (...statuses) => mutants.filter(({ status }) => statuses.includes(status));
  const noticed = having('Killed', 'Timeout').length;
  const missed = having(...MISSED).length;
  const waited = having('Killed').filter(({ statusReason }) =>
    /timed out in \d+ms/.test(statusReason),
  );
  return [
    `${noticed + missed} changes, ${noticed} noticed (${((100 * noticed) / (noticed + missed)).toFixed(1)} %), ${missed} not.`,
    `${having('Timeout').length} of those noticed loop without end, and ${waited.length} make a test wait for what never happens.`,
    `${having('Ignored').length} are left out.`,
  ];
}
