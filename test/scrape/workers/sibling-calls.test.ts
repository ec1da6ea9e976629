import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { CallsDocument } from '../../../src/tools/page/browser/calls-protocol';
import { takePorts } from '../../support/free-ports';
import { startProgram } from '../../support/start-program';

const PROGRAM = join(__dirname, 'programs/sibling-calls.mjs');

/** Starts a cluster whose primary does not load this package, as in PM2. Returns the addresses of its two workers, and of a third one. */
async function start() {
  const TMPDIR = mkdtempSync(join(tmpdir(), 'tm-'));
  const ports = await takePorts(3);
  const program = startProgram(process.execPath, [PROGRAM, ...ports.map(String)], '', { TMPDIR });
  onTestFinished(async () => {
    await program.stop();
    rmSync(TMPDIR, { recursive: true, force: true });
  });
  await program.writes(/^ready$/m);
  const [first = '', second = '', third = ''] = ports.map((port) => `http://127.0.0.1:${port}`);
  return { program, folder: TMPDIR, urls: [first, second], third };
}

async function read(url: string): Promise<CallsDocument> {
  return (await (await fetch(`${url}/-/calls`)).json()) as CallsDocument;
}

/** Reads the calls until those with these arguments are in progress, in the whole program. */
function readUntil(url: string, args: readonly string[]): Promise<CallsDocument> {
  return vi.waitFor(async () => {
    const found = await read(url);
    expect(new Set(found.inProgress.calls.map((call) => call.arguments))).toEqual(new Set(args));
    expect(found.partial).toBeNull();
    return found;
  }, 10_000);
}

test(
  'without the primary, every worker shows the calls of all workers and their threads, also after one is killed',
  { timeout: 60_000 },
  async () => {
    const { program, urls } = await start();
    for (const url of urls) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other, because both answer from the same processes
      const { processes, inProgress } = await readUntil(url, ['of 1', 'of 2', 'of 3', 'of 4']);
      expect(processes.every(({ answered }) => answered)).toBe(true);
      expect(new Set(processes.map(({ pid }) => pid)).size).toBe(2);
      const pidOf = (text: string) => inProgress.calls.find((call) => call.arguments === text)?.pid;
      expect(pidOf('of 3')).toBe(pidOf('of 1'));
    }
    program.signal('SIGHUP');
    expect((await readUntil(urls[1] as string, ['of 2', 'of 4'])).processes).toHaveLength(2);
  },
);

test(
  'a worker that joins after something has removed the socket of the others shows their calls, and they show its calls',
  { timeout: 60_000 },
  async () => {
    const { program, folder, urls, third } = await start();
    await Promise.all(urls.map((url) => readUntil(url, ['of 1', 'of 2', 'of 3', 'of 4'])));
    const sockets = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) =>
      /[\\/]s\d+$/.test(path),
    );
    expect(sockets).toHaveLength(1);
    rmSync(join(folder, sockets[0] as string));
    program.signal('SIGCONT');
    await program.writes(/^joined$/m);
    const all = ['of 1', 'of 2', 'of 3', 'of 4', 'of 5', 'of 7'];
    await Promise.all([...urls, third].map((url) => readUntil(url, all)));
  },
);

test(
  'a thread that does not answer does not hide the calls of its worker',
  { timeout: 60_000 },
  async () => {
    const { program, urls } = await start();
    await Promise.all(urls.map((url) => readUntil(url, ['of 1', 'of 2', 'of 3', 'of 4'])));
    program.signal('SIGUSR2');
    await Promise.all(urls.map((url) => readUntil(url, ['of 1', 'of 2'])));
    const documents = await Promise.all([...urls, ...urls, ...urls].map((url) => read(url)));
    for (const { processes, inProgress } of documents) {
      expect(inProgress.total).toBe(2);
      const silent = processes.filter(({ answered }) => !answered);
      expect(silent.map(({ thread }) => thread)).toEqual([1, 1]);
    }
  },
);
