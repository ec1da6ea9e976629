import { readFileSync } from 'node:fs';
import { uptime } from 'node:os';

import { afterEach, expect, it, vi } from 'vitest';

import {
  isRunning,
  processIdentity,
} from '../../../../src/scrape/workers/siblings/process-identity';

/** Larger than every process id. */
const NOBODY = 2 ** 30;
/** Clock ticks in a second, in which Linux counts the start of a process. */
const TICKS = 100;

const { title } = process;
afterEach(() => {
  process.title = title;
  vi.restoreAllMocks();
});

it('a process is identified by its start and by the start of the machine', () => {
  const [started = '', ...boot] = processIdentity(process.pid).split('-');
  expect(Number(started) / TICKS).toBeCloseTo(uptime() - process.uptime(), -1);
  expect(Number(started)).toBeGreaterThan(0);
  const bootId = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1');
  expect(boot).toEqual([bootId.split('-')[0]]);
});

it('the name of a program does not change its identity', () => {
  const before = processIdentity(process.pid);
  process.title = ') 1 2 (';
  expect(readFileSync('/proc/self/stat', 'latin1')).toContain('() 1 2 ()');
  expect(processIdentity(process.pid)).toBe(before);
});

it('processes that start one after the other have different identities', () => {
  expect(processIdentity(process.ppid)).not.toBe(processIdentity(process.pid));
});

it('a process that does not exist has no identity and does not run', () => {
  expect(processIdentity(NOBODY)).toBe('');
  expect(isRunning(NOBODY)).toBe(false);
});

it('this process runs', () => {
  expect(isRunning(process.pid)).toBe(true);
});

it('a process of another user runs, although it cannot be signalled', () => {
  const refusal = Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
  vi.spyOn(process, 'kill').mockImplementation(() => {
    throw refusal;
  });
  expect(isRunning(process.pid)).toBe(true);
});
