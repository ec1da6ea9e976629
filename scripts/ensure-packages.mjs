import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { npm, root } from './run.mjs';

/** Installs the npm packages unless all of them are present in the versions of the lockfile. */
export async function ensurePackages() {
  const reason = reasonToInstall();
  if (reason === undefined) return;
  console.error(`${reason}: npm install`);
  // Not `npm ci`, which rejects a lockfile from a registry that lacks the packages of other platforms.
  // Without `--include=dev`, NODE_ENV=production would leave out the compiler and the packages of the examples.
  await npm(['install', '--no-save', '--include=dev', '--no-audit', '--no-fund']);
}

function reasonToInstall() {
  // npm writes this file last. If it is missing, an installation was interrupted.
  if (!existsSync(join(root, 'node_modules/.package-lock.json')))
    return 'The npm packages are not installed completely';
  for (const [folder, version] of requiredPackages()) {
    const found = readJson(join(folder, 'package.json'))?.version;
    if (found === undefined) return `${folder} is missing`;
    // Some packages write `v0.0.21` where the lockfile has `0.0.21`.
    if (version !== undefined && found.replace(/^v/, '') !== version)
      return `${folder} is ${found}, not ${version}`;
  }
  return undefined;
}

/** Lists the folder and the version of each package that this platform needs. */
function requiredPackages() {
  const lock = readJson('package-lock.json');
  if (lock !== undefined) {
    return Object.entries(lock.packages)
      .filter(([folder, entry]) => folder !== '' && !entry.link && isForThisPlatform(entry))
      .map(([folder, entry]) => [folder, entry.version]);
  }
  const { dependencies, devDependencies } = readJson('package.json');
  return Object.keys({ ...dependencies, ...devDependencies }).map((name) => [
    `node_modules/${name}`,
    undefined,
  ]);
}

/** Tells whether this platform needs a package. An optional one that requires a certain C library is not checked. */
function isForThisPlatform({ optional, os, cpu, libc }) {
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
