import { expect, it } from 'vitest';

import { Rounds } from '../../../src/scrape/workers/rounds';

/** Rounds that end when the test says so, in the order in which they began. */
class Ended {
  readonly rounds = new Rounds<number>();
  readonly begun: { resolve(value: number): void; reject(error: Error): void }[] = [];

  join(): Promise<number> {
    return this.rounds.join(
      () => new Promise((resolve, reject) => this.begun.push({ resolve, reject })),
    );
  }
}

/** Resolves after every reaction to a promise has run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

it('callers that come during a round share the next, which begins when it has ended', async () => {
  const ended = new Ended();
  const callers = [ended.join(), ended.join(), ended.join()];
  await settled();
  expect(ended.begun).toHaveLength(1);
  ended.begun[0]?.resolve(1);
  await settled();
  expect(ended.begun).toHaveLength(2);
  ended.begun[1]?.resolve(2);
  expect(await Promise.all(callers)).toEqual([1, 2, 2]);
});

it('a caller that comes during the second of two rounds gets the third', async () => {
  const ended = new Ended();
  const callers = [ended.join(), ended.join()];
  ended.begun[0]?.resolve(1);
  await settled();
  callers.push(ended.join());
  ended.begun[1]?.resolve(2);
  await settled();
  ended.begun[2]?.resolve(3);
  expect(await Promise.all(callers)).toEqual([1, 2, 3]);
});

it('a caller that comes as a round ends begins a round that those who wait share', async () => {
  const ended = new Ended();
  const first = ended.join();
  const second = ended.join();
  const third = first.then(() => ended.join());
  ended.begun[0]?.resolve(1);
  await settled();
  expect(ended.begun).toHaveLength(2);
  ended.begun[1]?.resolve(2);
  expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
});

it('a round that fails does not fail those who wait for the next', async () => {
  const ended = new Ended();
  const [first, second] = [ended.join(), ended.join()];
  ended.begun[0]?.reject(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  await settled();
  ended.begun[1]?.resolve(2);
  expect(await second).toBe(2);
});

it('a caller that comes after a round has ended begins another', async () => {
  const ended = new Ended();
  const first = ended.join();
  ended.begun[0]?.resolve(1);
  await first;
  const second = ended.join();
  expect(ended.begun).toHaveLength(2);
  ended.begun[1]?.resolve(2);
  expect(await second).toBe(2);
});
