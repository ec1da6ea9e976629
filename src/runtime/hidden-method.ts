/**
 * Hides a method of another library's object behind one that calls it. The new method does not show when the object is
 * listed or compared.
 *
 * @returns a function that restores the method, unless something else has replaced it in the meantime
 */
export function hideMethod(
  target: object,
  name: string,
  replacement: (original: () => unknown, receiver: unknown, argument: unknown) => unknown,
): () => void {
  const original: unknown = Reflect.get(target, name);
  if (typeof original !== 'function') return () => {};
  const before = Reflect.getOwnPropertyDescriptor(target, name);
  const value = function (this: unknown, ...args: unknown[]): unknown {
    return replacement(() => Reflect.apply(original, this, args) as unknown, this, args[0]);
  };
  Object.defineProperties(value, {
    name: { value: original.name },
    length: { value: original.length },
  });
  // An object that cannot be changed is not watched.
  const isHidden = Reflect.defineProperty(target, name, {
    value,
    configurable: true,
    writable: true,
    enumerable: false,
  });
  return () => {
    if (!isHidden || Reflect.getOwnPropertyDescriptor(target, name)?.value !== value) return;
    if (before === undefined) Reflect.deleteProperty(target, name);
    else Reflect.defineProperty(target, name, before);
  };
}
