import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

/** Installs the npm packages unless all of them are there, in the versions of the lockfile. */
export async function ensurePackages() {
  const reason = whyInstall();
  if (reason === undefined) return;
  console.error(`${reason}: npm install`);
  // Not `npm ci`: it refuses a lockfile that was made where a registry lacks packages of other platforms.
  // `--include=dev`: NODE_ENV=production would leave out the compiler and the example's packages.
  await npm(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund']);
}

function whyInstall() {
  // npm writes this file last: without it an installation was broken off.
  if (!existsSync(join(root, 'node_modules/.package-lock.json')))
    return 'The npm packages are not installed, or not completely';
  for (const [folder, version] of wanted()) {
    const found = readJson(join(folder, 'package.json'))?.version;
    if (found === undefined) return `${folder} is missing`;
    // Some packages write `v0.0.21` where the lockfile has `0.0.21`.
    if (version !== undefined && found.replace(/^v/, '') !== version)
      return `${folder} is ${found}, not ${version}`;
  }
  return undefined;
}

/** Folder and version of each package that belongs on this platform. */
function wanted() {
  const lock = readJson('package-lock.json');
  if (lock !== undefined) {
    return Object.entries(lock.packages)
      .filter(([folder, entry]) => folder !== '' && !entry.link && belongsHere(entry))
      .map(([folder, entry]) => [folder, entry.version]);
  }
  const { dependencies, devDependencies } = readJson('package.json');
  return Object.keys({ ...dependencies, ...devDependencies }).map((name) => [
    `node_modules/${name}`,
    undefined,
  ]);
}

/** An optional package holds a program for one platform; which C library that has is not looked into. */
function belongsHere({ optional, os, cpu, libc }) {
  if (!optional) return true;
  return Boolean(os?.includes(process.platform) && cpu?.includes(process.arch) && !libc);
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'));
  } catch {
    return undefined;
  }
}
