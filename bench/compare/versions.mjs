import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { PYTHON_PROGRAM } from '../../scripts/ensure-programs.mjs';
import { FOLDER } from './install.mjs';

export function versionOf({ package: name }) {
  const file = join(FOLDER, 'node_modules', name, 'package.json');
  return JSON.parse(readFileSync(file, 'utf8')).version;
}

/** Reads the versions of Python and of both libraries, as packaged by Debian. */
export function versionOfPython() {
  const program = `
import importlib.metadata, platform
version = importlib.metadata.version
print(version("thriftpy"), "and", version("prometheus_client") + ", Python", platform.python_version())
`;
  return execFileSync(PYTHON_PROGRAM, ['-c', program], { encoding: 'utf8' }).trim();
}
