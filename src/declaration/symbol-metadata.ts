// In the standard dialect, a method decorator gets `context.metadata` only if this symbol exists when the class is
// evaluated. Node 20 does not have it. Transpilers fall back to the same registered symbol.
const symbols = Symbol as unknown as { readonly metadata?: symbol };
if (symbols.metadata === undefined) {
  Object.defineProperty(Symbol, 'metadata', { value: Symbol.for('Symbol.metadata') });
}

/** The metadata object of a class in the standard dialect, or undefined if it does not have one. */
export function standardMetadata(target: object): object | undefined {
  const symbol = symbols.metadata as symbol;
  if (!Object.hasOwn(target, symbol)) return undefined;
  const metadata = (target as Record<symbol, unknown>)[symbol];
  return typeof metadata === 'object' && metadata !== null ? metadata : undefined;
}
