import { violation } from './program.mjs';

/** Finds circular imports, type-only ones included. Reports the shortest circle through each group of files once. */
export function checkCircles({ files }) {
  const byPath = new Map(files.map((each) => [each.path, each]));
  const reported = new Set();
  return files.flatMap(({ path, file, imports }) => {
    const circle = reported.has(path) ? undefined : shortestCircle(path, byPath);
    if (circle === undefined) return [];
    circle.forEach((each) => reported.add(each));
    const next = circle[1] ?? path;
    const { node } = imports.find(({ target }) => target === next);
    const drawn = [...circle, path].join(' → ');
    return [
      violation(
        file,
        node,
        `Circular import: ${drawn}. Move what both sides need to the lower file.`,
      ),
    ];
  });
}

/** The files of the shortest way from a file back to itself, breadth first. */
function shortestCircle(start, byPath) {
  const ways = [[start]];
  const seen = new Set();
  for (const way of ways) {
    for (const { target } of byPath.get(way.at(-1))?.imports ?? []) {
      if (target === start) return way;
      if (seen.has(target)) continue;
      seen.add(target);
      ways.push([...way, target]);
    }
  }
  return undefined;
}
