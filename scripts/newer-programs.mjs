// Programs that are newer than the system's, as their users run them. They are extracted from Debian's newer suites into
// build/programs, where a later run finds them again.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

import { extractPackages } from './debian-packages.mjs';
import { root } from './run.mjs';

/**
 * Each set of programs. Suites move to newer releases, so a set has a lowest version of Prometheus, which
 * test/real/versions.test.ts checks.
 */
const SETS = {
  newest: {
    // A package may be missing from testing for a while.
    suites: ['forky', 'sid'],
    packages: ['prometheus', 'promtool', 'prometheus-alertmanager', 'victoria-metrics'],
    programs: [
      'prometheus',
      'promtool',
      'prometheus-alertmanager',
      'amtool',
      'victoria-metrics',
      'vmagent',
      'vmalert',
    ],
  },
  middle: {
    suites: ['trixie'],
    packages: ['prometheus', 'promtool', 'prometheus-alertmanager'],
    programs: ['prometheus', 'promtool', 'prometheus-alertmanager', 'amtool'],
  },
};

const folderOf = (name) => join(root, 'build/programs', name);

/** A PATH on which the programs of the set come before the system's. */
export function pathWith(name) {
  return [join(folderOf(name), 'usr/bin'), process.env.PATH ?? ''].join(delimiter);
}

/** Extracts the programs of the set, unless they are there. @throws if Debian does not have them */
export function ensureNewerPrograms(name) {
  const { suites, packages, programs } = SETS[name];
  const folder = folderOf(name);
  const findMissing = () =>
    programs.filter((program) => !isExecutable(join(folder, 'usr/bin', program)));
  if (findMissing().length === 0) return;
  const where = `build/programs/${name}`;
  console.error(`Programs from Debian ${suites.join(' or ')} to ${where}: ${packages.join(', ')}`);
  let reason = '';
  try {
    extractPackages(suites, packages, folder);
  } catch (error) {
    reason = `\n${error.message}`;
  }
  const missing = findMissing();
  if (missing.length === 0) return;
  throw new Error(
    `The tests need newer programs than the system's, and Debian's packages of them could not be extracted: ` +
      `${missing.join(', ')}.\nPut them into ${where}/usr/bin, or run only the tests that need none: ` +
      `npm run test:unit${reason}`,
  );
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
