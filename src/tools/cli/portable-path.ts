import path from 'node:path';

/**
 * Writes the path from a folder to a file with slashes, so that a generated file works on other systems than the one that
 * wrote it.
 *
 * @param system rules for paths, those of this system by default
 */
export function portablePath(
  folder: string,
  file: string,
  system: path.PlatformPath = path,
): string {
  return system.relative(folder, file).replaceAll(system.sep, '/');
}
