import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expect, test } from 'vitest';

import { AgeCell, type AgeSource } from '../../src/metrics/cell';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function aged(seconds: number): AgeSource & { seconds: number } {
  return {
    seconds,
    oldestSeconds() {
      return this.seconds;
    },
    clear() {
      this.seconds = 0;
    },
  };
}

test('an age gauge without sources is 0', () => {
  const cell = new AgeCell();
  expect([cell.read(), cell.isZero()]).toEqual([0, true]);
});

test('an age gauge shows the greatest age of its sources, however they are held', () => {
  const cell = new AgeCell();
  const weak = [aged(30), aged(10)];
  cell.sources.add(aged(20));
  for (const source of weak) cell.addWeak(source);
  expect([cell.read(), cell.isZero()]).toEqual([30, false]);
  (weak[0] as { seconds: number }).seconds = 0;
  expect(cell.read()).toBe(20);
});

test('a weak source is a source once, however often it is added, until it is removed', () => {
  const cell = new AgeCell();
  const [first, second] = [aged(30), aged(10)];
  for (const source of [first, second, first, second]) cell.addWeak(source);
  expect([...cell.all()]).toEqual([first, second]);
  cell.removeWeak(first);
  cell.removeWeak(first);
  expect([[...cell.all()], cell.read()]).toEqual([[second], 10]);
  cell.addWeak(first);
  expect(cell.read()).toBe(30);
});

test('a reset of an age gauge clears all sources, and calls from before it do not count', () => {
  const cell = new AgeCell();
  const weak = aged(30);
  cell.sources.add(aged(20));
  cell.addWeak(weak);
  const { generation } = cell;
  cell.reset();
  expect([cell.read(), weak.seconds]).toEqual([0, 0]);
  expect(cell.generation).toBe(generation + 1);
});

test('an age gauge keeps every source that is alive, however many there are', () => {
  const cell = new AgeCell();
  const sources = Array.from({ length: 100 }, (_, i) => aged(i));
  for (const source of sources) cell.addWeak(source);
  for (const source of sources.toReversed()) {
    expect(cell.read()).toBe(source.seconds);
    source.seconds = 0;
  }
});

test('an age gauge goes on without the sources that nothing else refers to', async () => {
  const cell = new AgeCell();
  const kept = aged(5);
  cell.addWeak(kept);
  for (let age = 10; age < 40; age++) cell.addWeak(aged(age));
  // A weak reference that was made or read holds its object until the end of the current turn.
  await new Promise(setImmediate);
  collect();
  expect(cell.read()).toBe(5);
  expect(kept.seconds).toBe(5);
});
