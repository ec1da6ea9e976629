/** Gives a function the name and the length of the one whose place it takes. */
export function copySignature(original: Function, replacement: Function): void {
  for (const key of ['name', 'length'] as const) {
    Object.defineProperty(replacement, key, { value: original[key], configurable: true });
  }
}
