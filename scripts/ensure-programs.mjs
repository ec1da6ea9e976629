// The system programs that the tests in `test/real` run.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Each program with the Debian package that contains it. */
const PROGRAMS = [
  ['prometheus', 'prometheus'],
  ['promtool', 'prometheus'],
  ['prometheus-pushgateway', 'prometheus-pushgateway'],
  ['prometheus-alertmanager', 'prometheus-alertmanager'],
  ['chromium', 'chromium'],
  ['curl', 'curl'],
  ['tmux', 'tmux'],
];

/** The system's Python, which tests run as a program, and each required module with its Debian package. */
export const PYTHON_PROGRAM = '/usr/bin/python3';
const PYTHON_MODULES = [
  ['prometheus_client', 'python3-prometheus-client'],
  ['thrift', 'python3-thrift'],
  ['thriftpy', 'python3-thriftpy'],
];

function findMissing() {
  const modules = PYTHON_MODULES.filter(
    ([module]) => spawnSync(PYTHON_PROGRAM, ['-c', `import ${module}`]).status !== 0,
  ).map(([module, debian]) => [`${PYTHON_PROGRAM} with ${module}`, debian]);
  return [...PROGRAMS.filter(([program]) => !isInstalled(program)), ...modules];
}

/** Installs missing programs if the process runs as root on Debian. Otherwise prints how to install them, and exits. */
export function ensurePrograms() {
  const missing = findMissing();
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map(([, debian]) => debian))];
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    console.error(
      `The tests need system programs that are not installed: ${missing.map(([program]) => program).join(', ')}.\n` +
        `Install them (Debian): sudo ${install}\n` +
        'Or run only the tests that need none: npm run test:unit',
    );
    process.exit(1);
  }
  console.error(`Missing programs: ${install}`);
  withoutDaemons(() => {
    const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const options = { stdio: ['ignore', 'ignore', 'inherit'], env: environment };
    execFileSync('apt-get', ['update', '-qq'], options);
    execFileSync('apt-get', install.split(' ').slice(1), options);
  });
  const still = findMissing();
  if (still.length > 0) throw new Error(`still missing: ${still.join(', ')}`);
}

/** Keeps Debian from starting daemons when their packages are installed. */
function withoutDaemons(action) {
  const policy = '/usr/sbin/policy-rc.d';
  const had = existsSync(policy);
  if (!had) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    action();
  } finally {
    if (!had) rmSync(policy, { force: true });
  }
}

function isInstalled(program) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return spawnSync(join(folder, program), ['--version']).error === undefined;
    } catch {
      return false;
    }
  });
}
