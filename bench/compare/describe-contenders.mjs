import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PYTHON_PROGRAM } from '../../scripts/ensure-programs.mjs';
import { CONTENDERS, isPython, PYTHONS } from './contenders.mjs';
import { countLines } from './count-lines.mjs';
import { folderOf, PYTHONPATH } from './install.mjs';

/** Reads the version of each contender, by its name, and counts its lines of code. */
export function describeContenders() {
  return Object.fromEntries(
    [...CONTENDERS, ...PYTHONS].map((contender) => [
      contender.name,
      {
        version: isPython(contender) ? versionOfPython(contender) : versionOf(contender),
        lines: countLines(contender),
      },
    ]),
  );
}

function versionOf(contender) {
  const file = join(folderOf(contender), 'node_modules', contender.package, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** Reads the versions of Python and of both libraries, as packaged by Debian. */
function versionOfPython({ library }) {
  const program = `
import importlib.metadata, platform
version = importlib.metadata.version
print(version("${library}"), "and", version("prometheus_client") + ", Python", platform.python_version())
`;
  const env = { ...process.env, PYTHONPATH };
  return execFileSync(PYTHON_PROGRAM, ['-c', program], { encoding: 'utf8', env }).trim();
}
