import { describe, expect, test } from 'vitest';

import { LabelTree } from '../../src/recording/label-tree';

describe('LabelTree', () => {
  test('a tree finds a leaf only by exactly its values', () => {
    const tree = new LabelTree<string>();
    tree.set(['a', 'b'], 'leaf');
    expect(tree.get(['a', 'b'])).toBe('leaf');
    for (const values of [
      ['b', 'a'],
      ['a', ''],
      ['ab', ''],
      ['', 'ab'],
      ['x', 'b'],
    ]) {
      expect(tree.get(values)).toBeUndefined();
    }
  });

  test('combinations that differ only in the middle are different leaves', () => {
    const tree = new LabelTree<string>();
    tree.set(['a', 'b', 'c'], 'one');
    tree.set(['a', 'x', 'c'], 'other');
    expect(tree.get(['a', 'b', 'c'])).toBe('one');
    expect(tree.get(['a', 'x', 'c'])).toBe('other');
  });

  test('combinations with the same concatenation are different leaves', () => {
    const tree = new LabelTree<number>();
    const combinations = [
      ['a', 'b c'],
      ['a b', 'c'],
      ['', 'a b c'],
      ['a', '__proto__'],
      ['__proto__', 'a'],
    ];
    for (const [index, values] of combinations.entries()) tree.set(values, index);
    for (const [index, values] of combinations.entries()) expect(tree.get(values)).toBe(index);
  });

  test('the entries are the leaves with their values', () => {
    const tree = new LabelTree<string>();
    const entries: [string[], string][] = [
      [['a', 'b'], 'one'],
      [['a', ''], 'two'],
      [['', 'a'], 'three'],
    ];
    for (const [values, leaf] of entries) tree.set(values, leaf);
    expect([...tree.entries()]).toEqual(entries);
  });
});
