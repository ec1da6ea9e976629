import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { MeetingPlace } from '../../../../src/scrape/workers/siblings/meeting-place';
import { errorOf } from '../../../support/error-of';

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

it('only folders of primaries that have ended are removed', () => {
  const { folder: own } = MeetingPlace.open();
  const others = [
    `${process.pid}-0123456789abcdef`,
    `x${2 ** 30}-0123456789abcdef`,
    `${2 ** 30}`,
    'notes',
  ].map((name) => join(shared, name));
  for (const each of others) mkdirSync(each);
  MeetingPlace.open();
  expect([own, ...others].map((each) => existsSync(each))).toEqual([true, true, true, true, true]);
});

it('the folder is named after the primary, which is the parent of the workers', () => {
  const name = basename(MeetingPlace.open().folder);
  expect(name).toMatch(new RegExp(`^${process.ppid}-[0-9a-f]{16}$`));
});

it('a path of 100 bytes is short enough, and one of 101 is not', () => {
  const { length } = MeetingPlace.open().folder;
  const parentOf = (total: number): string => {
    const parent = join(folder, 'x'.repeat(total - length - 1));
    mkdirSync(parent);
    return parent;
  };
  vi.stubEnv('TMPDIR', parentOf(100));
  expect(MeetingPlace.open().folder).toHaveLength(100);
  vi.stubEnv('TMPDIR', parentOf(101));
  expect(() => MeetingPlace.open()).toThrow('too long for a socket');
});

it.each([
  ['is missing', 'missing', 'ENOENT'],
  ['is not a folder', 'file', 'ENOTDIR'],
])('a folder for temporary files that %s is named in the error', (_what, name, code) => {
  writeFileSync(join(folder, 'file'), '');
  vi.stubEnv('TMPDIR', join(folder, name));
  const error = errorOf(() => MeetingPlace.open());
  expect(error).toMatchObject({
    code: 'TM_ERR_NO_SUM',
    message: expect.stringMatching(`${folder}/${name}/.*${code}.* \\(TMPDIR\\)`),
    cause: { code },
  });
});

it('the sockets in the folder are found by their numbers', () => {
  const place = MeetingPlace.open();
  for (const name of ['s10', 's9', 's', 's1x', 'xs1', '7', 's100']) {
    writeFileSync(join(place.folder, name), '');
  }
  expect(place.generations()).toEqual([9, 10, 100]);
  expect(place.socket(9)).toBe(join(place.folder, 's9'));
});

it('a socket and another one at its path are distinguished', () => {
  const place = MeetingPlace.open();
  expect(place.socketIdentity(1)).toBeNull();
  const create = (name: string) => writeFileSync(join(place.folder, name), '');
  create('s1');
  const first = place.socketIdentity(1);
  // So that the second one does not get the number of the first on the disk.
  renameSync(place.socket(1), place.socket(2));
  create('s1');
  expect(first).not.toBeNull();
  expect(place.socketIdentity(1)).not.toBe(first);
  expect(place.socketIdentity(2)).toBe(first);
});

it('a worker that closes its socket leaves that of another worker, which has taken its path', () => {
  const place = MeetingPlace.open();
  const path = place.socket(1);
  writeFileSync(path, 'own');
  const own = place.socketIdentity(1);
  // What the system does when a server closes.
  const close = vi.fn<() => string>(() => {
    rmSync(path, { force: true });
    return 'closed';
  });
  expect(place.closeSocket(1, own, close)).toBe('closed');
  expect(place.generations()).toEqual([]);
  place.closeSocket(1, own, close);
  expect(place.generations()).toEqual([]);

  writeFileSync(join(folder, 'other'), 'other');
  renameSync(join(folder, 'other'), path);
  place.closeSocket(1, (place.socketIdentity(1) ?? 0) + 1, close);
  expect(readFileSync(path, 'utf8')).toBe('other');
  expect(readdirSync(place.folder)).toEqual(['s1']);
  expect(close).toHaveBeenCalledTimes(3);
});

it('the socket of a third worker, which has been faster, stays', () => {
  const place = MeetingPlace.open();
  writeFileSync(place.socket(1), 'other');
  place.closeSocket(1, (place.socketIdentity(1) ?? 0) + 1, () => {
    rmSync(place.socket(1));
    writeFileSync(place.socket(1), 'third');
  });
  expect(readFileSync(place.socket(1), 'utf8')).toBe('third');
  expect(readdirSync(place.folder)).toEqual(['s1']);
});

it('a socket can be removed, also when something has removed it before', () => {
  const place = MeetingPlace.open();
  writeFileSync(place.socket(1), '');
  place.removeSocket(1);
  place.removeSocket(1);
  expect(place.generations()).toEqual([]);
});

it('a folder that was removed is created again', () => {
  const place = MeetingPlace.open();
  rmSync(place.folder, { recursive: true });
  place.make();
  expect(place.generations()).toEqual([]);
});
