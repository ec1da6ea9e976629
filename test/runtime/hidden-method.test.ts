import { expect, test, vi } from 'vitest';

import { hideMethod } from '../../src/runtime/hidden-method';

class Registry {
  names: string[] = [];

  register(name: string, _force = false): number {
    return this.names.push(name);
  }
}

const passing = (): ((original: () => unknown) => unknown) => (original) => original();

test('a hidden method runs when the replacement runs it, with its receiver and arguments, and returns what that returns', () => {
  const registry = new Registry();
  const replacement = vi.fn((original: () => unknown) => [original()]);
  hideMethod(registry, 'register', replacement);
  expect(registry.register('a')).toEqual([1]);
  expect(registry.names).toEqual(['a']);
  expect(replacement).toHaveBeenCalledWith(expect.any(Function), registry, 'a');
});

test('a hidden method does not show: its object has the keys, and the method the name and length, that it had', () => {
  const registry = new Registry();
  hideMethod(registry, 'register', passing());
  expect(Object.keys(registry)).toEqual(['names']);
  expect(registry.register.name).toBe('register');
  expect(registry.register).toHaveLength(Registry.prototype.register.length);
});

test('a hidden method can be replaced, as a spy does', () => {
  const registry = new Registry();
  hideMethod(registry, 'register', passing());
  const spy = vi.spyOn(registry, 'register').mockReturnValue(7);
  expect(registry.register('a')).toBe(7);
  spy.mockRestore();
  expect(registry.register('a')).toBe(1);
});

test('a hidden method of an object that is frozen stays as it is', () => {
  const registry = Object.freeze(new Registry());
  const replacement = vi.fn();
  const restore = hideMethod(registry, 'register', replacement);
  registry.register('a');
  restore();
  expect(replacement).not.toHaveBeenCalled();
  expect(Reflect.ownKeys(registry)).toEqual(['names']);
});

test('a hidden method that does not exist is not created', () => {
  const registry = new Registry();
  hideMethod(registry, 'clear', passing())();
  hideMethod(registry, 'names', passing())();
  expect(Object.entries(registry)).toEqual([['names', []]]);
  expect('clear' in registry).toBe(false);
});

test('restoring an inherited method leaves no property', () => {
  const registry = new Registry();
  hideMethod(registry, 'register', passing())();
  expect(Object.hasOwn(registry, 'register')).toBe(false);
  expect(registry.register('a')).toBe(1);
});

test('restoring an own method brings its property back as it was', () => {
  const property = { value: () => 5, enumerable: true, writable: false, configurable: true };
  const registry = Object.defineProperty(new Registry(), 'register', property);
  hideMethod(registry, 'register', passing())();
  expect(Object.getOwnPropertyDescriptor(registry, 'register')).toEqual(property);
});

test('restoring leaves what has replaced the method since then', () => {
  const registry = new Registry();
  const restore = hideMethod(registry, 'register', passing());
  const later = (): number => 9;
  registry.register = later;
  restore();
  expect(registry.register).toBe(later);
});

test('restoring does nothing if the method is gone', () => {
  const registry: Partial<Registry> = { register: () => 1 };
  const restore = hideMethod(registry, 'register', passing());
  delete registry.register;
  restore();
  expect(Object.keys(registry)).toEqual([]);
});
