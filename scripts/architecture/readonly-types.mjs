import ts from 'typescript-6';

/** Library types whose instances hold state. Others, such as RegExp and Error, count as values. */
const CONTAINER =
  /^(?:Map|Set|WeakMap|WeakSet|WeakRef|FinalizationRegistry|Array|\w+Array|ArrayBuffer|SharedArrayBuffer|DataView|Buffer|EventEmitter|AsyncLocalStorage)$/;
const READONLY_CONTAINERS = new Set(['ReadonlyArray', 'ReadonlyMap', 'ReadonlySet']);

/**
 * Says what can change in a value of a type, at any depth; undefined if nothing can. Methods and functions do not count.
 *
 * @returns {string | undefined} a clause
 */
export function whatChanges(type, { checker, isInSource }) {
  const seen = new Set();
  return changeIn(type);

  function changeIn(each) {
    if (seen.has(each)) return undefined;
    seen.add(each);
    if (each.isUnionOrIntersection()) return firstOf(each.types, changeIn);
    if (!(each.flags & ts.TypeFlags.Object) || isCallable(each)) return undefined;
    const itIs = `it is a \`${checker.typeToString(each)}\``;
    if (checker.isTupleType(each)) {
      return each.target.readonly ? changeInArguments(each) : itIs;
    }
    if (isOfLibrary(each)) {
      const { name } = each.symbol;
      if (READONLY_CONTAINERS.has(name)) return changeInArguments(each);
      return CONTAINER.test(name) ? itIs : undefined;
    }
    return changeInEntries(each) ?? changeInProperties(each);
  }

  function isOfLibrary({ symbol, objectFlags }) {
    // Mapped types such as `Record` are declared in the library, but their properties are ours.
    const isStructure = objectFlags & (ts.ObjectFlags.Anonymous | ts.ObjectFlags.Mapped);
    return symbol !== undefined && !isStructure && !isInSource(symbol);
  }

  function changeInArguments(each) {
    return firstOf(checker.getTypeArguments(each), changeIn);
  }

  function changeInEntries(each) {
    return firstOf(checker.getIndexInfosOfType(each), ({ isReadonly, type: entry }) =>
      isReadonly ? changeIn(entry) : `entries of \`${checker.typeToString(each)}\` can be added`,
    );
  }

  function changeInProperties(each) {
    return firstOf(checker.getPropertiesOfType(each), (property) => {
      if (property.flags & ts.SymbolFlags.Method) return undefined;
      return isReadonlyProperty(property)
        ? changeIn(checker.getTypeOfSymbol(property))
        : `its property \`${property.name}\` can be assigned`;
    });
  }
}

const isCallable = (type) =>
  type.getCallSignatures().length > 0 || type.getConstructSignatures().length > 0;

function firstOf(list, find) {
  for (const each of list) {
    const found = find(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Uses internal functions, because no public one knows about mapped types and `as const`. */
function isReadonlyProperty(property) {
  return (
    (ts.getCheckFlags(property) & ts.CheckFlags.Readonly) !== 0 ||
    (ts.getDeclarationModifierFlagsFromSymbol(property) & ts.ModifierFlags.Readonly) !== 0 ||
    ((property.flags & ts.SymbolFlags.GetAccessor) !== 0 &&
      (property.flags & ts.SymbolFlags.SetAccessor) === 0)
  );
}
