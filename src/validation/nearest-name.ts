/** Names with more differences than this part of their length are not similar. */
const SIMILAR = 0.4;

/** Returns the name that is most similar to a misspelled one, or null if none is similar. */
export function nearestName(wrong: string, names: readonly string[]): string | null {
  let nearest: string | null = null;
  let least = Math.floor(wrong.length * SIMILAR) + 1;
  for (const name of names) {
    // A name without its prefix, such as `service` for `thrift_service`, is the same name.
    if (wrong !== '' && name.endsWith(`_${wrong}`)) return name;
    const distance = editDistance(wrong.toLowerCase(), name.toLowerCase());
    if (distance < least) [nearest, least] = [name, distance];
  }
  return nearest;
}

/** A sentence for the message about a misspelled name, after a space: ` Did you mean 'port'?`. Empty if no name is similar. */
export function nearestNameHint(wrong: string, names: readonly string[]): string {
  const meant = nearestName(wrong, names);
  return meant === null ? '' : ` Did you mean '${meant}'?`;
}

/** The number of characters to insert, remove or replace, or of neighbors to swap, that turns one text into the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: readonly number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const row = [i];
    for (let j = 1; j <= to.length; j++) {
      const isSame = from[i - 1] === to[j - 1];
      let least = Math.min(
        (previous[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        least = Math.min(least, (beforePrevious[j - 2] ?? 0) + 1);
      }
      row.push(least);
    }
    beforePrevious = previous;
    previous = row;
  }
  return previous[to.length] ?? 0;
}
