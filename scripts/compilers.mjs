// Finds or fetches the Thrift compilers that wrote the committed generated code.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { extractPackages } from './debian-packages.mjs';
import { root } from './run.mjs';

/**
 * The releases, each with the Debian suites that may have it. Suites move to newer releases: any that is not older
 * serves as the newest one, whose output the examples and most tests use.
 */
const RELEASES = {
  0.17: { suites: ['bookworm'], orNewer: false },
  0.19: { suites: ['trixie'], orNewer: false },
  0.24: { suites: ['forky', 'sid'], orNewer: true },
};

// A compiler of another suite needs the libraries of that suite.
const PACKAGES = ['thrift-compiler', 'libc6', 'libstdc++6', 'libgcc-s1'];

/** The command that runs the compiler of a release, as an array. @throws if it is neither on the PATH nor fetched */
export function compilerOf(release) {
  const command = findCompiler(release);
  if (command !== undefined) return command;
  throw new Error(
    `The Thrift compiler ${described(release)} is missing. ` +
      `\`npm run generate -- --fetch\` downloads it from Debian (${RELEASES[release].suites.join(' or ')}) to build/compilers. ` +
      `Without apt-get, put it on the PATH as \`thrift\` or \`thrift-${release}\`.`,
  );
}

/** Downloads and extracts the compilers that are missing. The system stays as it is. @throws if Debian does not have one */
export function fetchCompilers() {
  for (const release of Object.keys(RELEASES)) {
    if (findCompiler(release) === undefined) fetchCompiler(release);
  }
}

function fetchCompiler(release) {
  const found = [];
  for (const suite of RELEASES[release].suites) {
    try {
      extractPackages([suite], PACKAGES, folderOf(release));
      if (findCompiler(release) !== undefined) return;
      found.push(`${suite} has ${versionOf(fetchedCommand(release) ?? []) ?? 'none that starts'}`);
    } catch (error) {
      found.push(error.message);
    }
  }
  throw new Error(
    `The Thrift compiler ${described(release)} cannot be fetched from Debian: ${found.join('; ')}. ` +
      `Put it on the PATH as \`thrift\` or \`thrift-${release}\`.`,
  );
}

function described(release) {
  return RELEASES[release].orNewer ? `${release} or newer` : release;
}

const folderOf = (release) => join(root, 'build/compilers', release);

function findCompiler(release) {
  return [fetchedCommand(release), [`thrift-${release}`], ['thrift']].find(
    (command) => command !== undefined && isOf(release, versionOf(command)),
  );
}

function isOf(release, version) {
  const minor = Number(version?.split('.')[1]);
  const wanted = Number(release.split('.')[1]);
  return minor === wanted || (RELEASES[release].orNewer && minor > wanted);
}

function versionOf([program, ...args]) {
  if (program === undefined) return undefined;
  const { stdout } = spawnSync(program, [...args, '--version'], { encoding: 'utf8' });
  return /^Thrift version (\d+\.\d+\.\d+)/.exec(stdout ?? '')?.[1];
}

/** Starts a fetched compiler with the loader and the libraries of its own suite. Undefined if it is not there. */
function fetchedCommand(release) {
  const folder = folderOf(release);
  const program = join(folder, 'usr/bin/thrift');
  if (!existsSync(program)) return undefined;
  // Suites before trixie have libraries in `lib`, too.
  const libraries = ['usr/lib', 'lib']
    .map((path) => join(folder, path))
    .filter(existsSync)
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .filter((path) => /\/\w+-linux-\w+$/.test(path));
  const loader = libraries
    .flatMap((path) => readdirSync(path).map((name) => join(path, name)))
    .find((file) => /\/ld-linux[^/]*\.so\.\d$/.test(file));
  return loader && [loader, '--library-path', libraries.join(':'), program];
}
