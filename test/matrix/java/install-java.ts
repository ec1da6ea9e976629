import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGES = ['libthrift-java', 'default-jdk-headless'];
const BUILD = join(__dirname, '../../../build/java');
const JARS = ['thrift', 'slf4j-api', 'slf4j-nop'].map((name) => `/usr/share/java/${name}.jar`);
const COMPILER = '/usr/bin/javac';

/** Where compiled classes and libraries are. */
export const CLASS_PATH = [BUILD, ...JARS].join(':');

/** Compiles the peer. Installs Java and Apache's library first if they are missing and the process runs as root on Debian. */
export function compilePeer(): void {
  if (![COMPILER, ...JARS].every((path) => existsSync(path))) installPackages();
  mkdirSync(BUILD, { recursive: true });
  const args = ['-d', BUILD, '-cp', CLASS_PATH, join(__dirname, 'Peer.java')];
  execFileSync(COMPILER, args, { stdio: ['ignore', 'inherit', 'inherit'] });
}

function installPackages(): void {
  const install = ['install', '-y', '--no-install-recommends', ...PACKAGES];
  if (!existsSync('/etc/debian_version') || process.getuid?.() !== 0) {
    throw new Error(
      `The tests with Java need packages of Debian. Install them: sudo apt-get ${install.join(' ')}`,
    );
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update', '-qq'], install])
    execFileSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
}
