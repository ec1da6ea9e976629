import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { send } from '../../support/send';
import { startProgram, type Program } from '../../support/start-program';
import { SECRET, temporaryFolder, writeConfig } from '../examples';

const { folder, remove } = temporaryFolder();
afterAll(remove);

beforeAll(() => {
  if (!existsSync(join(__dirname, '../../../dist/index.js'))) {
    throw new Error('These tests run the built package: npm run build');
  }
});

function start(program: string, variables: Readonly<Record<string, string>>): Program {
  const path = join(__dirname, 'programs', program);
  const started = startProgram(process.execPath, [path], '', variables);
  onTestFinished(() => started.stop());
  return started;
}

test('settings apply to a program that only imports the package', async () => {
  const file = writeConfig(
    folder,
    'plain.yml',
    'prefix: file_\nserver: { port: 0, host: 127.0.0.1 }\n',
  );
  const program = start('plain.mjs', {
    THRIFT_METRICS_CONFIG: file,
    THRIFT_METRICS_TOKEN: SECRET,
    THRIFT_METRICS_PATH: '/not-own',
  });
  const [, url = ''] = await program.writes(/^serves (\S+)$/m);
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:/);
  expect((await send(`${url}/own`)).status).toBe(401);
  const { text } = await send(`${url}/own`, { headers: { authorization: `Bearer ${SECRET}` } });
  expect(text).toMatch(/^file_thrift_server_requests_total\{.*thrift_method="find".*\} 1$/m);
});

test('a strict program does not start', async () => {
  const program = start('plain.mjs', { THRIFT_METRICS_STRICT: '1', THRIFT_METRICS_PROT: '0' });
  const { code, stdout, stderr } = await program.ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toContain("Did you mean 'THRIFT_METRICS_PORT'?");
});

test('a change of the file reaches the primary, its cluster workers and its threads', async () => {
  const file = writeConfig(folder, 'workers.yml', 'prefix: a_\n');
  const program = start('workers.cjs', { THRIFT_METRICS_CONFIG: file });
  const names = ['primary', 'worker', 'thread'];
  for (const prefix of ['a_', 'b_']) {
    writeFileSync(file, `prefix: ${prefix}\n`);
    await Promise.all(
      names.map((name) => program.writes(new RegExp(`^${name} has ${prefix}$`, 'm'))),
    );
  }
});

test('a program with a file of settings exits when it has no work left', async () => {
  const file = writeConfig(folder, 'ends.yml', 'enabled: false\n');
  const path = join(__dirname, '../../../dist/index.js');
  const program = startProgram(process.execPath, ['--require', path, '--eval', ''], '', {
    THRIFT_METRICS_CONFIG: file,
  });
  expect(await program.ended).toEqual({ code: 0, stdout: '', stderr: '' });
});
