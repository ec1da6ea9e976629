'use strict';

/** Applies decorators to a method, or to the class if there is no key, as a compiler does for `experimentalDecorators`. */
exports.decorate = function decorate(decorators, Class, key) {
  if (key === undefined)
    return decorators.reduceRight((result, each) => each(result) ?? result, Class);
  const { prototype } = Class;
  const descriptor = decorators.reduceRight(
    (result, each) => each(prototype, key, result) ?? result,
    Object.getOwnPropertyDescriptor(prototype, key),
  );
  return Object.defineProperty(prototype, key, descriptor);
};
