// Downloads packages of other Debian suites than the system's, and extracts them to a folder. The system stays as it is.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/**
 * Extracts the packages from the first of the suites that has all of them, and replaces the folder as a whole.
 *
 * @throws if no suite has them, or if there is no apt-get, with the answer of each suite
 */
export function extractPackages(suites, packages, folder) {
  const failures = [];
  for (const suite of suites) {
    try {
      extractFrom(suite, packages, folder);
      return;
    } catch (error) {
      failures.push(`${suite}: ${String(error.stderr || error.message).trim()}`);
    }
  }
  throw new Error(failures.join('\n'));
}

function extractFrom(suite, packages, folder) {
  mkdirSync(dirname(folder), { recursive: true });
  // Beside the final folder, so that it can be renamed.
  const work = mkdtempSync(join(dirname(folder), `${basename(folder)}-`));
  try {
    for (const path of ['lists/partial', 'cache/archives/partial', 'root'])
      mkdirSync(join(work, path), { recursive: true });
    const source = `deb [signed-by=${KEYRING}] ${findMirror()} ${suite} main\n`;
    writeFileSync(join(work, 'sources.list'), source);
    const aptGet = (...args) => run('apt-get', [...optionsFor(work), ...args], work);
    aptGet('update');
    aptGet('download', ...packages);
    const archives = readdirSync(work).filter((name) => name.endsWith('.deb'));
    for (const archive of archives) run('dpkg-deb', ['--extract', archive, 'root'], work);
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'root'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Makes apt-get read and write only this folder. */
function optionsFor(work) {
  return [
    '-qq',
    ...[
      `Dir::Etc::sourcelist=${join(work, 'sources.list')}`,
      'Dir::Etc::sourceparts=-',
      `Dir::State::Lists=${join(work, 'lists')}`,
      `Dir::Cache=${join(work, 'cache')}`,
      'Acquire::Languages=none',
      // The user of the sandbox cannot write to the folder.
      `APT::Sandbox::User=${process.getuid?.() === 0 ? 'root' : ''}`,
    ].flatMap((option) => ['-o', option]),
  ];
}

/** The mirror that the system is configured with. */
function findMirror() {
  const format = '$(REPO_URI) $(RELEASE)';
  const targets = run('apt-get', ['indextargets', '--format', format, 'Created-By: Packages']);
  const found = targets
    .split('\n')
    .map((line) => line.split(' '))
    // Suites of updates and of security may have mirrors of their own.
    .find(([uri, release]) => uri !== '' && !release?.includes('-'));
  if (found === undefined) throw new Error('apt-get is configured without a mirror of Debian');
  return found[0];
}

function run(program, args, cwd) {
  return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}
