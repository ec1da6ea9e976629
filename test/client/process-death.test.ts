import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compileProgram } from '../support/compile-program';
import { runProgram } from '../support/start-program';

const program = compileProgram(join(__dirname, 'programs/calls.ts'));

interface End {
  code: number | null;
  heard: number;
  /** What Node says the process died of. */
  error: string | undefined;
}

async function end(situation: string, way: string): Promise<End & { counted: string | undefined }> {
  const args = ['--no-deprecation', await program, situation, way];
  const { code, stdout, stderr } = await runProgram(process.execPath, args);
  return {
    code,
    heard: stdout.split('heard').length - 1,
    error: /^\w*(?:Error|Exception)\b.*$/m.exec(stderr)?.[0].replace(/:\d+$/, ':port'),
    counted: /counted (\d+)/.exec(stdout)?.[1],
  };
}

test.each<[string, End]>([
  ['refused, nobody listens', { code: 1, heard: 0, error: 'ECONNREFUSED' }],
  ['refused, somebody listens', { code: 0, heard: 1, error: undefined }],
  ['refused, somebody listens to the socket', { code: 0, heard: 1, error: undefined }],
  ['attempts are used up', { code: 0, heard: 2, error: undefined }],
  ['rejected, nobody catches', { code: 1, heard: 0, error: 'TApplicationException: by zero' }],
  ['the server hangs up in mid-call', { code: 0, heard: 0, error: undefined }],
  ['a callback throws', { code: 1, heard: 0, error: 'thrown by the callback' }],
  ['a reply cannot be decoded', { code: 1, heard: 0, error: 'Error' }],
  ['arguments cannot be written', { code: 1, heard: 0, error: 'TypeError' }],
  ['HTTP refused, nobody listens', { code: 1, heard: 0, error: 'ECONNREFUSED' }],
  ['HTTP refused, somebody listens', { code: 0, heard: 1, error: undefined }],
  ['HTTP 500, nobody listens', { code: 1, heard: 0, error: 'THTTPException' }],
  ['HTTP answer breaks off, nobody listens', { code: 1, heard: 0, error: 'aborted' }],
  ['HTTP error answer breaks off, somebody listens', { code: 0, heard: 2, error: undefined }],
  ['WebSocket refused, nobody listens', { code: 1, heard: 0, error: 'Error' }],
  ['WebSocket refused, somebody listens', { code: 0, heard: 1, error: undefined }],
])('%s: the process ends as it does without metrics', async (situation, expected) => {
  const [{ counted: _, ...bare }, { counted, ...instrumented }] = await Promise.all([
    end(situation, 'bare'),
    end(situation, 'instrumented'),
  ]);
  expect(bare).toEqual({
    ...expected,
    error: expected.error && expect.stringContaining(expected.error),
  });
  expect(instrumented).toEqual(bare);
  expect(counted).toBe(situation === 'a callback throws' ? '0' : '1');
});
