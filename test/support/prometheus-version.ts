import { execFileSync } from 'node:child_process';

/** The version of a program on the PATH that prints it as Prometheus does, such as `2.42.0`. */
export function versionOf(program: string): string {
  const printed = execFileSync(program, ['--version'], { encoding: 'utf8' });
  const version = /version (\d+\.\d+\.\d+)/.exec(printed)?.[1];
  if (version === undefined) throw new Error(`${program} has no version: ${printed}`);
  return version;
}

/** Whether a version is not below another, such as `2.42.0` and `3.5`. */
export function isAtLeast(version: string, lowest: string): boolean {
  const [found = [], wanted = []] = [version, lowest].map((each) => each.split('.').map(Number));
  const different = wanted.findIndex((number, i) => number !== found[i]);
  return different === -1 || Number(found[different]) > Number(wanted[different]);
}

/** Whether the Prometheus that these tests start has at least this version. */
export function isPrometheus(lowest: string): boolean {
  return isAtLeast(versionOf('prometheus'), lowest);
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Which Prometheus and Alertmanager are on the PATH of the project: the system's, or a newer one. */
    prometheus: 'system' | 'middle' | 'newest';
  }
}
