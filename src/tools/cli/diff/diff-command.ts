import type { Command } from 'commander';

import { groupBy } from '../../group-by';
import { type CommandLine, EXIT } from '../command-line';
import { parseHeader, parseSeconds } from '../command-options';
import { renderTable, withNoun, writeText } from '../output';
import { type Change, CHANGE_KINDS } from './change-kinds';
import { compareDeclarations } from './compare-declarations';
import { asShownBy } from './common-ground';
import { isEndpoint, readDeclaration } from './declaration-source';

interface DiffOptions {
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

export function addDiffCommand(program: Command, line: CommandLine): void {
  program
    .command('diff')
    .summary('compare two declarations')
    .description(
      'Compares what two modules, saved lists or endpoints declare, and says which changes break dashboards and alerts. Exits with code 1 if there are any.',
    )
    .argument('<before>', 'module path, package name, JSON file of list --json, or URL')
    .argument('<after>', 'the same')
    .option('--json', 'print a JSON array of changes')
    .option('--header <name: value>', 'header to send to an endpoint; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option(
      '--timeout <seconds>',
      'time limit for loading each module, and for each response',
      parseSeconds,
      10,
    )
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics diff metrics.json ./dist/handlers.js
  thrift-metrics diff https://calculator.example/metrics localhost:8000`,
    )
    .action((before: string, after: string, options: DiffOptions) =>
      diff(before, after, options, line),
    );
}

async function diff(
  before: string,
  after: string,
  { json, header, insecure, timeout }: DiffOptions,
  line: CommandLine,
): Promise<void> {
  const options = { headers: header ?? {}, insecure: insecure === true, timeout };
  const [one, other] = await Promise.all([
    readDeclaration(before, line, options),
    readDeclaration(after, line, options),
  ]);
  const isMixed = isEndpoint(before) !== isEndpoint(after);
  const changes = isMixed
    ? compareDeclarations(asShownBy(one, other), asShownBy(other, one))
    : compareDeclarations(one, other);
  const described = changes.map((change) => ({ ...change, ...CHANGE_KINDS[change.kind] }));
  const breaking = described.filter((change) => change.breaking).length;
  line.exitCode = breaking > 0 ? EXIT.findings : EXIT.done;
  if (json) return writeText(line.stdout, `${JSON.stringify(described, null, 2)}\n`);
  if (changes.length > 0) await writeText(line.stdout, `${tableOf(changes).join('\n')}\n`);
  return writeText(line.stderr, `${withNoun(changes.length, 'change')}, ${breaking} breaking\n`);
}

const COLUMNS = ['impact', 'change', 'of', 'metric', 'before', 'after', 'why'] as const;

/** Methods that a line names. */
const MAX_METHODS = 3;

/** A table with breaking changes first. Methods with the same change share a line. */
function tableOf(changes: readonly Change[]): string[] {
  const groups = groupBy(changes, ({ kind, metric, before, after, of }) =>
    JSON.stringify([kind, metric, before, after, ...(metric === null ? [of] : [])]),
  );
  const rows = [...groups.values()].map((group) => {
    const [{ kind, metric, before, after }] = group as [Change, ...Change[]];
    const { breaking, why } = CHANGE_KINDS[kind];
    const methods = group.map(({ of }) => of);
    const omitted = methods.length - MAX_METHODS;
    const of = [...methods.slice(0, MAX_METHODS), ...(omitted > 0 ? [`${omitted} more`] : [])];
    const impact = breaking ? 'breaking' : 'compatible';
    return [impact, kind, of.join(', '), metric ?? '', before, after, why];
  });
  return renderTable(
    COLUMNS.map((title) => ({ title })),
    rows.toSorted(([one = ''], [other = '']) => (one < other ? -1 : one > other ? 1 : 0)),
  );
}
