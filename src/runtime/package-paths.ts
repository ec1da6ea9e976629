/**
 * Returns the folder of an installed package that contains a file, or null if the file does not belong to it. The innermost
 * one counts, because package managers nest folders: `node_modules/.pnpm/thrift@0.24.0/node_modules/thrift`. Paths of
 * Windows and of other systems are both understood, on any system.
 *
 * @param file path of a module, as in the cache of modules
 * @param name name of the package, with its scope
 */
export function packageFolder(file: string, name: string): string | null {
  const marker = `/node_modules/${name}/`;
  const at = withSlashes(file).lastIndexOf(marker);
  return at === -1 ? null : file.slice(0, at + marker.length - 1);
}

/** Writes a path of Windows with slashes. Its length stays, so positions in the result are those in the path. */
export function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** Matches the position of a stack frame: a path of any system, or the URL of one. The path is its first group. */
const POSITION =
  /(?:^|\(|at (?:async )?)(?:file:\/\/)?(?:\/(?=[A-Za-z]:\/))?((?:[A-Za-z]:[\\/]|[\\/])[^()\n]+?:\d+)(?::\d+)?\)?$/m;

/** Finds the first path and line in a stack trace, without the prefix that makes the path a URL. */
export function firstPosition(stack: string): string | undefined {
  return POSITION.exec(stack)?.[1];
}

/** Removes the prefix that makes a path a URL: `file:///app/a.js` is `/app/a.js`, and `file:///C:/a.js` is `C:/a.js`. */
export function withoutFileUrl(text: string): string {
  return text.replace(/^file:\/\/(?:\/(?=[A-Za-z]:\/))?/, '');
}
