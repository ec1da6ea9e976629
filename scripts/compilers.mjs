// Finds or fetches the Thrift compilers that wrote the committed generated code.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from './run.mjs';

/**
 * The releases, each with the Debian suites that may have it. Suites move to newer releases: any that is not older will do
 * for the newest of these, whose output the examples and most tests use.
 */
const RELEASES = {
  0.17: { suites: ['bookworm'], orNewer: false },
  0.19: { suites: ['trixie'], orNewer: false },
  0.24: { suites: ['forky', 'sid'], orNewer: true },
};

const FOLDER = join(root, 'build/compilers');
// A compiler of another suite needs the libraries of that suite.
const PACKAGES = ['thrift-compiler', 'libc6', 'libstdc++6', 'libgcc-s1'];

/** The command that runs the compiler of a release, as an array. @throws if it is neither on the PATH nor fetched */
export function compilerOf(release) {
  const command = findCompiler(release);
  if (command !== undefined) return command;
  throw new Error(
    `The Thrift compiler ${described(release)} is missing. ` +
      `\`npm run generate -- --fetch\` downloads it from Debian (${RELEASES[release].suites.join(' or ')}) to build/compilers; elsewhere, put it on the PATH.`,
  );
}

/** Downloads and extracts the compilers that are missing. The system stays as it is. @throws if a suite has another one */
export function fetchCompilers() {
  for (const release of Object.keys(RELEASES)) {
    if (findCompiler(release) !== undefined) continue;
    const failures = [];
    for (const suite of RELEASES[release].suites) {
      if (findCompiler(release) !== undefined) break;
      const failure = fetchSuite(suite);
      if (failure !== undefined) failures.push(failure);
    }
    if (findCompiler(release) === undefined) {
      throw new Error(
        [`Debian has no Thrift compiler ${described(release)}.`, ...failures].join(' '),
      );
    }
  }
}

function described(release) {
  return RELEASES[release].orNewer ? `${release} or newer` : release;
}

function findCompiler(release) {
  const fetched = RELEASES[release].suites.map((suite) => commandIn(join(FOLDER, suite, 'root')));
  return [...fetched, ['thrift']].find(
    (command) => command !== undefined && isOf(release, versionOf(command)),
  );
}

function isOf(release, version) {
  const minor = Number(version?.split('.')[1]);
  const wanted = Number(release.split('.')[1]);
  return minor === wanted || (RELEASES[release].orNewer && minor > wanted);
}

function versionOf([program, ...args]) {
  const { stdout } = spawnSync(program, [...args, '--version'], { encoding: 'utf8' });
  return /^Thrift version (\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
}

/** Starts an extracted compiler with the loader and the libraries of its own suite. */
function commandIn(folder) {
  const libraries = join(folder, 'usr/lib');
  if (!existsSync(join(folder, 'usr/bin/thrift'))) return undefined;
  for (const triplet of readdirSync(libraries).filter((name) => name.includes('-linux-'))) {
    const path = [join(libraries, triplet), join(folder, 'lib', triplet)].filter(existsSync);
    const loader = path
      .flatMap((parent) => readdirSync(parent).map((name) => join(parent, name)))
      .find((file) => /\/ld-linux[^/]*\.so\.\d$/.test(file));
    if (loader === undefined) continue;
    return [loader, '--library-path', path.join(':'), join(folder, 'usr/bin/thrift')];
  }
  return undefined;
}

/** Returns why it failed, as a sentence, or undefined. */
function fetchSuite(suite) {
  const folder = join(FOLDER, suite);
  rmSync(folder, { recursive: true, force: true });
  for (const part of ['lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(folder, part), { recursive: true });
  }
  try {
    writeFileSync(join(folder, 'sources.list'), `deb [trusted=yes] ${mirror()} ${suite} main\n`);
    const options = [
      'Dir::Etc::sourcelist=./sources.list',
      'Dir::Etc::sourceparts=-',
      'Dir::State::Lists=./lists',
      'Dir::Cache=./cache',
      'APT::Sandbox::User=root',
    ].flatMap((option) => ['-o', option]);
    const apt = (...args) =>
      execFileSync('apt-get', [...options, '-qq', ...args], { cwd: folder, stdio: 'pipe' });
    apt('update');
    apt('download', ...PACKAGES);
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
      execFileSync('dpkg', ['-x', join(folder, file), join(folder, 'root')]);
    }
    return undefined;
  } catch (error) {
    return `${suite}: ${String(error.stderr ?? error.message).trim()}`;
  }
}

/** The mirror that the system is configured with. */
function mirror() {
  const format = ['indextargets', '--format', '$(REPO_URI)', 'Created-By: Packages'];
  const uris = execFileSync('apt-get', format, { encoding: 'utf8' }).split('\n');
  const found = uris.find((uri) => uri !== '' && !uri.includes('security'));
  if (found === undefined) throw new Error('apt-get has no source of packages.');
  return found;
}
