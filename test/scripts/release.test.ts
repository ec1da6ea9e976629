import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { run } from '../consumers/run';

const MAIN = join(__dirname, '../../scripts/release/main.mjs');
const PACKAGE = { version: '1.2.3', repository: { url: 'git+https://example.org/package.git' } };
const CHANGELOG = '# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-01-31\n\n- Something.\n';

/** A repository that can be released. */
function repository(manifest: object = PACKAGE, changelog = CHANGELOG) {
  const folder = mkdtempSync(join(tmpdir(), 'release-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.org', ...args], {
      cwd: folder,
      stdio: 'ignore',
    });
  const commit = () => {
    git('add', '--all');
    git('commit', '--message', 'A change', '--allow-empty');
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'CHANGELOG.md'), changelog);
  git('init');
  commit();
  return { folder, git, commit };
}

async function check(cwd: string, ...args: string[]) {
  const { code, stderr } = await run(process.execPath, [MAIN, '--check', ...args], cwd);
  return { code, obstacles: stderr.split('\n').filter((line) => line !== '') };
}

test('a commit that meets all conditions can be released', async () => {
  const { folder, git } = repository();
  git('tag', 'v1.2.3');
  expect(await check(folder)).toEqual({ code: 0, obstacles: [] });
});

test('uncommitted changes prevent a release', async () => {
  const { folder } = repository();
  writeFileSync(join(folder, 'new.txt'), '');
  expect(await check(folder)).toEqual({
    code: 1,
    obstacles: [expect.stringContaining('uncommitted changes')],
  });
});

test('a version that is already released prevents a release', async () => {
  const { folder, git, commit } = repository();
  git('tag', 'v1.2.3');
  commit();
  const { code, obstacles } = await check(folder);
  expect(code).toBe(1);
  expect(obstacles).toEqual([expect.stringContaining('v1.2.3 is on another commit')]);
});

test.each([
  ['a version that is not a semantic version', { ...PACKAGE, version: '1.2' }, 'semantic version'],
  ['a package without a repository', { version: '1.2.3' }, 'no repository'],
])('%s prevents a release', async (_, manifest, obstacle) => {
  const { folder } = repository(manifest, CHANGELOG.replace('1.2.3', manifest.version));
  const { code, obstacles } = await check(folder);
  expect(code).toBe(1);
  expect(obstacles).toEqual([expect.stringContaining(obstacle)]);
});

test.each([
  ['no section for the version', CHANGELOG.replace('1.2.3', '1.2.2'), 'no section "[1.2.3]'],
  ['a section without a date', CHANGELOG.replace('2026-01-31', 'soon'), 'no section "[1.2.3]'],
  ['entries left unreleased', CHANGELOG.replace('d]\n', 'd]\n\n- New.\n'), '"Unreleased"'],
])('a changelog with %s prevents a release', async (_, changelog, obstacle) => {
  const { folder } = repository(PACKAGE, changelog);
  const { code, obstacles } = await check(folder);
  expect(code).toBe(1);
  expect(obstacles).toEqual([expect.stringContaining(obstacle)]);
});

test('publishing requires the identity of a workflow', async () => {
  const { code, obstacles } = await check(repository().folder, '--publish');
  expect(code).toBe(1);
  expect(obstacles).toEqual([expect.stringContaining('id-token: write')]);
});
