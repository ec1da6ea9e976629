import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { misuses } from './misuses';
import { runNode } from './run-node';

const root = join(__dirname, '../..');
const compilers = { 5.9: 'typescript-5.9', 6: 'typescript-6', 7: 'typescript' };
const dialects = ['standard', 'legacy'] as const;

const PRELUDE = `import { Counted, ErrorsCounted, InFlight, Instrumented, NotInstrumented, Objective, ThriftService, Timed, configureMetrics, instrumentClient, instrumentHandler, type Call } from 'thrift-metrics';
interface Work { op: number }
class InvalidOperation extends Error { readonly what = ''; }
`;

type Messages = ReadonlyMap<string, readonly string[]>;

describe.each(Object.entries(compilers))('TypeScript %s', (_, compiler) => {
  describe.each(dialects)('with %s decorators', (dialect) => {
    let messages: Messages;
    beforeAll(async () => {
      messages = await compile(compiler, dialect);
    }, 60_000);

    test.each(misuses.map(({ title, message }, i) => [title, fileOf(i), message] as const))(
      'explains %s',
      (__, file, message) => {
        const found = messages.get(file) ?? [];
        expect(found).toHaveLength(1);
        if (typeof message === 'string') expect(found[0]).toBe(message);
        else expect(found[0]).toMatch(message);
      },
    );
  });
});

function fileOf(index: number): string {
  return `misuse-${index}.ts`;
}

/** Compiles all misuses as one program. The explanations by file, one for each error. */
async function compile(
  compiler: string,
  dialect: (typeof dialects)[number],
): Promise<Map<string, string[]>> {
  await mkdir(join(root, 'build'), { recursive: true });
  const folder = await mkdtemp(join(root, 'build/misuses-'));
  try {
    await mkdir(join(folder, 'node_modules'));
    await symlink(root, join(folder, 'node_modules/thrift-metrics'), 'dir');
    await Promise.all(
      misuses.map(({ code }, i) =>
        writeFile(join(folder, fileOf(i)), `${PRELUDE}${code}\nexport {};\n`),
      ),
    );
    const compilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: 'es2022',
      module: 'nodenext',
      types: ['node'],
      experimentalDecorators: dialect === 'legacy',
    };
    await writeFile(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, include: ['*.ts'] }),
    );
    const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
    const { output } = await runNode([tsc, '-p', folder, '--pretty', 'false'], { cwd: folder });
    return explanationsIn(output);
  } finally {
    await rm(folder, { recursive: true });
  }
}

function explanationsIn(output: string): Map<string, string[]> {
  const messages = new Map<string, string[]>();
  for (const error of output.split(/^(?=\S)/m)) {
    const [, file, text] = /^([^(]+)\(\d+,\d+\): error TS\d+: ([^]*)$/.exec(error) ?? [];
    if (file === undefined || text === undefined) throw new Error(`not an error: ${error}`);
    messages.set(file, [...(messages.get(file) ?? []), explanationIn(text)]);
  }
  return messages;
}

/** The first line that explains an error; where overloads are listed, the first of the last one. */
function explanationIn(text: string): string {
  const lines = text.split('\n');
  const header = lines.findLastIndex((line) => line.endsWith('gave the following error.'));
  return lines[header + 1]?.trim() ?? '';
}
