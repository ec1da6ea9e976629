import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { build } from 'esbuild';
import { beforeAll, describe, expect, test } from 'vitest';

import { TIMEOUT, type Consumer } from '../consumer';
import { outputOf } from '../run';
import { valueOf } from '../value-of';

const TARGETS = { apache: 'apache', 'thrift-server': 'server' };

interface Output {
  answers: string[];
  text: string;
}

const open = { thrift_service: 'Vault', thrift_method: 'open' };
const billing = { ...open, client: 'billing' };

/** The code that Credit Karma's compiler writes, for Thrift's library and for its own. */
export function checkThriftTypeScript({ install, nodes }: Consumer): void {
  let project: string;
  beforeAll(async () => {
    project = await install('thrift-typescript');
    for (const [target, folder] of Object.entries(TARGETS)) {
      // oxlint-disable-next-line no-await-in-loop -- only two
      await generate(project, target, folder);
    }
  }, TIMEOUT);

  describe.each(nodes)('thrift-typescript for apache on Node.js $version', ({ program }) => {
    let output: Output & { refusal: string; unhandled: string[] };
    beforeAll(async () => {
      output = JSON.parse(await outputOf(program, ['apache.js'], project));
    });

    test('calls get the same answers as without metrics', () =>
      expect(output.answers).toEqual([
        'opened with key',
        'Locked: no way',
        'TApplicationException: broken',
      ]));

    test('the handler is measured, and exceptions from the IDL count as declared', () => {
      const { text } = output;
      expect(valueOf(text, 'thrift_server_requests_total', open)).toBe(3);
      const errors = (type: string, kind: string) =>
        valueOf(text, 'thrift_server_errors_total', {
          ...open,
          thrift_exception_type: type,
          thrift_exception_kind: kind,
        });
      expect(errors('Locked', 'declared')).toBe(1);
      expect(errors('TypeError', 'undeclared')).toBe(1);
    });

    test('the processor is measured', () => {
      const { text } = output;
      const messages = (reply: string) =>
        valueOf(text, 'thrift_server_messages_total', {
          ...open,
          thrift_message_type: 'call',
          thrift_reply: reply,
        });
      expect([messages('reply'), messages('exception'), messages('none')]).toEqual([2, 1, 0]);
    });

    test('reading the declared exceptions leaves no unhandled rejection', () =>
      expect(output.unhandled).toEqual([]));

    test('instrumentClient rejects the generated client', () =>
      expect(output.refusal).toBe('TM_ERR_OPTION_INVALID'));
  });

  describe.each(nodes)('thrift-typescript for thrift-server on Node.js $version', ({ program }) => {
    let output: Output & { refusals: string[] };
    beforeAll(async () => {
      output = JSON.parse(await outputOf(program, ['thrift-server.js'], project));
    });

    test('calls with a context get the same answers as without metrics', () =>
      expect(output.answers).toEqual([
        'opened with key for billing',
        // Its client rejects with the plain content of the struct.
        'Object: no way',
        'TApplicationException: broken',
      ]));

    test('the handler is measured, with a label from the context', () =>
      expect(valueOf(output.text, 'thrift_server_requests_total', billing)).toBe(3));

    test('instrumentService and instrumentClient reject the generated code', () =>
      expect(output.refusals).toEqual(Array.from({ length: 3 }, () => 'TM_ERR_OPTION_INVALID')));
  });
}

/** Generates the code of one target, and compiles it file by file with the program that uses it. */
async function generate(project: string, target: string, folder: string): Promise<void> {
  const compiler = join(
    project,
    'node_modules/@creditkarma/thrift-typescript/dist/main/bin/index.js',
  );
  const where = ['--rootDir', '.', '--sourceDir', 'thrift', '--outDir', folder];
  const args = [compiler, '--target', target, ...where, 'vault.thrift'];
  await outputOf(process.execPath, args, project);
  const written = await readdir(join(project, folder), { recursive: true });
  const sources = written.filter((name) => name.endsWith('.ts'));
  await build({
    entryPoints: [`${target}.ts`, ...sources.map((name) => join(folder, name))],
    absWorkingDir: project,
    outdir: project,
    outbase: project,
    platform: 'node',
    format: 'cjs',
    target: 'es2022',
  });
}
