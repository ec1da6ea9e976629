import { expect, test } from 'vitest';

import { CHECK_RULES } from '../../src/tools/cli/check/check-rules';
import { DOCTOR_RULES } from '../../src/tools/cli/doctor/diagnose';
import { CHANGE_KINDS } from '../../src/tools/cli/diff/change-kinds';
import type { CommandLine } from '../../src/tools/cli/command-line';
import { createProgram } from '../../src/tools/cli/program';
import { EXIT } from '../../src/tools/cli/command-line';
import { TOP_COLUMNS } from '../../src/tools/cli/top/top-columns';
import { BY_NAME } from '../../src/tools/cli/top/top-order';
import { blocksIn, pages } from './blocks';
import { blocksOf, headingsOf, proseOf, readPage, rowsOf } from './markdown';

const PAGE = 'docs/reference/cli.md';

const { stdin, stdout, stderr } = process;
const program = createProgram({
  cwd: '',
  stdin,
  stdout,
  stderr,
  exitCode: 0,
  configure: () => {},
  readOptions: () => ({ options: {}, problems: [] }),
} satisfies CommandLine);

test('docs/reference/cli.md has one section for each command', () => {
  const sections = headingsOf(PAGE, 2).filter((heading) => heading.startsWith('`'));
  expect(sections.map((heading) => heading.replaceAll('`', ''))).toEqual(
    program.commands.map((command) => command.name()),
  );
});

test.each(program.commands)(
  'docs/reference/cli.md lists the options of $_name and their defaults',
  (command) => {
    const column = `option of ${command.name()}`;
    const documented = rowsOf(PAGE, column, 'default').map((row) => [row[column], row['default']]);
    // Without a default value in the program, the page says in words what applies.
    const defined = command.options.map(({ flags, defaultValue }) => [
      flags,
      defaultValue === undefined || defaultValue === ''
        ? expect.stringMatching(/\S/)
        : String(defaultValue),
    ]);
    expect(documented).toEqual(defined);
  },
);

test.each(program.commands)(
  'docs/reference/cli.md shows the usage and an example of $_name',
  (command) => {
    const section = readPage(PAGE)
      .split(/^## /m)
      .find((text) => text.startsWith(`\`${command.name()}\``));
    const [argument] = command.registeredArguments;
    const name = `${argument?.name()}${argument?.variadic ? '...' : ''}`;
    const shown = argument?.required ? `<${name}>` : `[${name}]`;
    expect(section).toContain(`thrift-metrics ${command.name()} [options] ${shown}`);
    const examples = blocksOf(PAGE)
      .filter(({ language }) => language === 'sh')
      .map(({ code }) => code);
    expect(examples.join('')).toMatch(
      new RegExp(`^(?:npx )?thrift-metrics ${command.name()} `, 'm'),
    );
  },
);

test('the examples in docs and in --help use only existing commands and options', () => {
  const inBlocks = blocksIn('sh').flatMap(({ code }) => code.split('\n'));
  const inText = pages.flatMap((page) =>
    [...proseOf(page).matchAll(/`((?:npx )?thrift-metrics \w[^`]*)`/g)].map(
      ([, code]) => `${code} `,
    ),
  );
  const lines = [...inBlocks, ...inText, ...program.commands.flatMap(helpOf)];
  const uses = lines.flatMap((line) => [...line.matchAll(/thrift-metrics (\w+) ([^|>]*)/g)]);
  expect(uses.length).toBeGreaterThan(20);
  for (const [use, name, rest = ''] of uses) {
    const command = program.commands.find((each) => each.name() === name);
    if (command === undefined) throw new Error(`there is no command ${name}: ${use}`);
    const options = [...rest.matchAll(/(?<=^|\s)--?[a-z][\w-]*/g)].map(([option]) => option);
    const known = new Set(command.options.flatMap(({ short, long }) => [short, long]));
    expect({ use, unknown: options.filter((option) => !known.has(option)) }).toEqual({
      use,
      unknown: [],
    });
  }
});

function helpOf(command: (typeof program.commands)[number]): string[] {
  let text = '';
  command.configureOutput({ writeOut: (chunk) => (text += chunk) });
  command.outputHelp();
  return text.split('\n');
}

test('docs/reference/cli.md lists the exit codes of the program', () => {
  const codes = rowsOf(PAGE, 'exit code').map((row) => Number(row['exit code']));
  expect(codes).toEqual(Object.values(EXIT));
});

test('docs/reference/cli.md lists the rules of check', () => {
  const rules = rowsOf(PAGE, 'rule', 'severity').map(({ rule, severity }) => [rule, severity]);
  expect(rules).toEqual(Object.entries(CHECK_RULES));
});

test('docs/reference/cli.md lists the findings of doctor', () => {
  const findings = rowsOf(PAGE, 'finding of doctor', 'what is wrong');
  expect(findings.map((row) => row['finding of doctor'])).toEqual(DOCTOR_RULES);
});

test('docs/reference/cli.md lists the changes that diff distinguishes', () => {
  const changes = rowsOf(PAGE, 'change', 'impact').map(({ change, impact, why }) => [
    change,
    impact,
    why,
  ]);
  expect(changes).toEqual(
    Object.entries(CHANGE_KINDS).map(([kind, { breaking, why }]) => [
      kind,
      breaking ? 'breaking' : 'compatible',
      why,
    ]),
  );
});

test('docs/reference/cli.md lists the columns of top', () => {
  const columns = rowsOf(PAGE, 'column', 'key').map((row) => [
    row['column'],
    row['key'],
    row['--sort'],
  ]);
  expect(columns).toEqual([
    ['METHOD', BY_NAME.key, BY_NAME.name],
    ...TOP_COLUMNS.map(({ title, order }) => [title, order.key, order.name]),
    ['TREND', '', ''],
  ]);
});
