/** Returns the allowed name that differs from a mistaken one in the fewest letters, or null if none is similar. */
export function nearest(mistaken: string, allowed: readonly string[]): string | null {
  let found: string | null = null;
  // More than half of the letters changed is not a spelling mistake.
  let least = mistaken.length / 2;
  for (const name of allowed) {
    const distance = editDistance(mistaken.toLowerCase(), name.toLowerCase());
    // A name without its prefix, such as `service` for `thrift_service`, is the same name.
    const isPart = mistaken !== '' && name.endsWith(`_${mistaken}`);
    if (isPart || distance < least) {
      found = name;
      least = isPart ? 0 : distance;
    }
  }
  return found;
}

/** Number of letters to insert, delete or replace. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
