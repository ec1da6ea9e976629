import { readFileSync } from 'node:fs';

/** Reads a report of Stryker, and returns lines for the table in docs/explanation/reliability.md. */
export function summaryOf(report) {
  const { files } = JSON.parse(readFileSync(report, 'utf8'));
  const mutants = Object.values(files).flatMap((file) => file.mutants);
  const having = (...statuses) => mutants.filter(({ status }) => statuses.includes(status));
  const noticed = having('Killed', 'Timeout').length;
  const missed = having('Survived', 'NoCoverage').length;
  const waited = having('Killed').filter(({ statusReason }) =>
    /timed out in \d+ms/.test(statusReason),
  );
  return [
    `${noticed + missed} changes, ${noticed} noticed (${((100 * noticed) / (noticed + missed)).toFixed(1)} %), ${missed} not.`,
    `${having('Timeout').length} of those noticed loop without end, and ${waited.length} make a test wait for what never happens.`,
    `${having('Ignored').length} are left out.`,
  ];
}
