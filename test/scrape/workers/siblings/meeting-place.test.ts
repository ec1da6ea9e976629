import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { MeetingPlace } from '../../../../src/scrape/workers/siblings/meeting-place';

let folder: string;
let shared: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tm-'));
  shared = join(folder, `thrift-metrics-${process.getuid?.()}`);
  vi.stubEnv('TMPDIR', folder);
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

it('only the user of the process can access the folder', () => {
  const place = MeetingPlace.open();
  for (const each of [place.folder, dirname(place.folder)]) {
    expect(statSync(each).mode & 0o777).toBe(0o700);
  }
});

it('workers of the same primary meet in the same folder', () => {
  expect(MeetingPlace.open().folder).toBe(MeetingPlace.open().folder);
});

it('applications of one PM2 daemon meet in different folders', () => {
  const folders = ['one', 'two'].map((name) => {
    vi.stubEnv('pm2_env', JSON.stringify({ name, pm_exec_path: '/app.js' }));
    return MeetingPlace.open().folder;
  });
  expect(new Set(folders).size).toBe(2);
});

it('an application has the same folder before and after PM2 has unpacked its settings', () => {
  vi.stubEnv('pm2_env', JSON.stringify({ name: 'one', pm_exec_path: '/app.js' }));
  const { folder: before } = MeetingPlace.open();
  vi.stubEnv('pm2_env', undefined);
  vi.stubEnv('name', 'one');
  vi.stubEnv('pm_exec_path', '/app.js');
  expect(MeetingPlace.open().folder).toBe(before);
});

it('a folder that other users can access is refused', () => {
  mkdirSync(shared);
  chmodSync(shared, 0o755);
  expect(() => MeetingPlace.open()).toThrow(`other users can access ${shared}`);
});

it('a link in place of the folder is refused', () => {
  symlinkSync(tmpdir(), shared);
  expect(() => MeetingPlace.open()).toThrow(`${shared} is not a folder`);
});

it('a folder of another user is refused', () => {
  const other = (process.getuid?.() ?? 0) + 1;
  vi.spyOn(process, 'getuid').mockReturnValue(other);
  const folderOfOther = join(folder, `thrift-metrics-${other}`);
  mkdirSync(folderOfOther, { mode: 0o700 });
  expect(() => MeetingPlace.open()).toThrow(`${folderOfOther} belongs to another user`);
});

it('on Windows, which has no user ids, the error says to load the package in the primary', () => {
  vi.spyOn(process, 'getuid').mockReturnValue(undefined as never);
  expect(() => MeetingPlace.open()).toThrow(/on Windows, .* Load thrift-metrics in the primary/);
});

it('a path that is too long for a socket is refused', () => {
  vi.stubEnv('TMPDIR', join(folder, 'x'.repeat(100)));
  expect(() => MeetingPlace.open()).toThrow('too long for a socket');
});

it('the folders of primaries that have ended are removed', () => {
  MeetingPlace.open();
  // Larger than every process id.
  const abandoned = join(shared, `${2 ** 30}-0123456789abcdef`);
  mkdirSync(abandoned);
  MeetingPlace.open();
  expect(existsSync(abandoned)).toBe(false);
});

it('a folder that was removed is created again', () => {
  const place = MeetingPlace.open();
  rmSync(place.folder, { recursive: true });
  place.make();
  expect(place.generations()).toEqual([]);
});
