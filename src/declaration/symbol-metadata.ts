// The standard dialect hands a method decorator `context.metadata` only if this symbol exists when the class is
// evaluated, and Node 20 has none. The registered symbol is the one that transpilers fall back to.
const symbols = Symbol as unknown as { readonly metadata?: symbol };
if (symbols.metadata === undefined) {
  Object.defineProperty(Symbol, 'metadata', { value: Symbol.for('Symbol.metadata') });
}

/** The metadata object that the standard dialect gave a class, if any. */
export function standardMetadata(owner: object): object | undefined {
  const symbol = symbols.metadata as symbol;
  if (!Object.hasOwn(owner, symbol)) return undefined;
  const metadata = (owner as Record<symbol, unknown>)[symbol];
  return typeof metadata === 'object' && metadata !== null ? metadata : undefined;
}
