/** An object and those that it inherits from, up to what every object inherits. */
export function* prototypeChain(start: object): Generator<object> {
  for (
    let holder: object | null = start;
    holder !== null && holder !== Object.prototype;
    holder = Object.getPrototypeOf(holder) as object | null
  ) {
    yield holder;
  }
}
