/** Iterates over an object and its prototypes, without `Object.prototype`. */
export function* prototypeChain(start: object): Generator<object> {
  for (
    let object: object | null = start;
    object !== null && object !== Object.prototype;
    object = Object.getPrototypeOf(object) as object | null
  ) {
    yield object;
  }
}
