import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { CallsDocument } from '../../../src/tools/page/browser/calls-protocol';
import { startProgram, type Program } from '../../support/start-program';

const PROGRAM = join(__dirname, 'programs/calls.mjs');

async function start(kind: string): Promise<{ program: Program; url: string }> {
  const program = startProgram(process.execPath, [PROGRAM, kind]);
  onTestFinished(() => program.stop());
  const [, url = ''] = await program.writes(/^calls (\S+)$/m);
  return { program, url };
}

async function read(url: string): Promise<CallsDocument> {
  return (await (await fetch(`${url}/-/calls`)).json()) as CallsDocument;
}

test.each(['cluster', 'threads', 'worker serves'])(
  'the calls of two workers are shown together, each with its process: %s',
  { timeout: 60_000 },
  async (kind) => {
    const { url } = await start(kind);
    const document = await vi.waitFor(async () => {
      const found = await read(url);
      expect(found.inProgress.total).toBe(2);
      expect(found.partial).toBeNull();
      return found;
    }, 10_000);
    const { calls } = document.inProgress;
    expect(new Set(calls.map((call) => call.arguments))).toEqual(new Set(['of 1', 'of 2']));
    const workerOf = (call: (typeof calls)[number]) =>
      kind === 'threads' ? call.thread : call.worker;
    expect(new Set(calls.map(workerOf))).toEqual(new Set([1, 2]));
    if (kind !== 'threads') expect(new Set(calls.map(({ pid }) => pid)).size).toBe(2);
    const [failed] = document.methods.find(({ method }) => method === 'fail')?.failed ?? [];
    expect(new Set(failed?.calls.map(({ error }) => error?.message))).toEqual(
      new Set(['from 1', 'from 2']),
    );
    expect(document.processes).toHaveLength(3);
    expect(document.processes.every(({ answered }) => answered)).toBe(true);
  },
);

test(
  'a worker whose event loop is blocked is named, and the others are shown in time',
  { timeout: 60_000 },
  async () => {
    const { program, url } = await start('cluster');
    await vi.waitFor(async () => expect((await read(url)).inProgress.total).toBe(2), 10_000);
    program.signal('SIGUSR2');
    const document = await vi.waitFor(async () => {
      const found = await read(url);
      expect(found.processes.filter(({ answered }) => !answered)).toHaveLength(1);
      return found;
    }, 10_000);
    expect(document.processes.find(({ answered }) => !answered)).toMatchObject({ worker: 2 });
    expect(document.inProgress.calls.map(({ worker }) => worker)).toEqual([1]);
    // The worker answers again.
    await vi.waitFor(async () => expect((await read(url)).inProgress.total).toBe(2), 20_000);
  },
);
