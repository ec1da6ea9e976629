import { join } from 'node:path';

import { expect, test } from 'vitest';

import { compileProgram } from '../../support/compile-program';
import { runProgram } from '../../support/start-program';

const program = compileProgram(join(__dirname, 'programs/calls.ts'));

interface End {
  code: number | null;
  heard: number;
  /** The uncaught error that Node prints. */
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
  [
    'a connection is refused without an error listener',
    { code: 1, heard: 0, error: 'ECONNREFUSED' },
  ],
  ['a connection is refused with an error listener', { code: 0, heard: 1, error: undefined }],
  [
    'a connection is refused with an error listener on the socket',
    { code: 0, heard: 1, error: undefined },
  ],
  ['all connection attempts fail', { code: 0, heard: 2, error: undefined }],
  ['a rejection is not handled', { code: 1, heard: 0, error: 'TApplicationException: by zero' }],
  ['the server hangs up during a call', { code: 0, heard: 0, error: undefined }],
  ['a callback throws', { code: 1, heard: 0, error: 'thrown by the callback' }],
  ['a reply cannot be decoded', { code: 1, heard: 0, error: 'Error' }],
  ['arguments cannot be written', { code: 1, heard: 0, error: 'TypeError' }],
  [
    'an HTTP request is refused without an error listener',
    { code: 1, heard: 0, error: 'ECONNREFUSED' },
  ],
  ['an HTTP request is refused with an error listener', { code: 0, heard: 1, error: undefined }],
  ['an HTTP 500 arrives without an error listener', { code: 1, heard: 0, error: 'THTTPException' }],
  [
    'an HTTP response breaks off without an error listener',
    { code: 1, heard: 0, error: 'aborted' },
  ],
  [
    'an HTTP error response breaks off with an error listener',
    { code: 0, heard: 2, error: undefined },
  ],
  ['a WebSocket is refused without an error listener', { code: 1, heard: 0, error: 'Error' }],
  ['a WebSocket is refused with an error listener', { code: 0, heard: 1, error: undefined }],
])('when %s, the process ends as it does without metrics', async (situation, expected) => {
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
