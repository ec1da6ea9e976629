import { expect, it } from 'vitest';

import { Rounds } from '../../../src/scrape/workers/rounds';
import { settled } from '../../support/settled';

/** Rounds that end when the test says so, in the order in which they began. */
class HeldRounds {
  readonly rounds = new Rounds<number>();
  readonly begun: { resolve(value: number): void; reject(error: Error): void }[] = [];

  join(): Promise<number> {
    return this.rounds.join(
      () => new Promise((resolve, reject) => this.begun.push({ resolve, reject })),
    );
  }
}

it('callers that come during a round share the next, which begins when it has ended', async () => {
  const held = new HeldRounds();
  const callers = [held.join(), held.join(), held.join()];
  await settled();
  expect(held.begun).toHaveLength(1);
  held.begun[0]?.resolve(1);
  await settled();
  expect(held.begun).toHaveLength(2);
  held.begun[1]?.resolve(2);
  expect(await Promise.all(callers)).toEqual([1, 2, 2]);
});

it('a caller that comes during the second of two rounds gets the third', async () => {
  const held = new HeldRounds();
  const callers = [held.join(), held.join()];
  held.begun[0]?.resolve(1);
  await settled();
  callers.push(held.join());
  held.begun[1]?.resolve(2);
  await settled();
  held.begun[2]?.resolve(3);
  expect(await Promise.all(callers)).toEqual([1, 2, 3]);
});

it('a caller that comes as a round ends begins a round that those who wait share', async () => {
  const held = new HeldRounds();
  const first = held.join();
  const second = held.join();
  const third = first.then(() => held.join());
  held.begun[0]?.resolve(1);
  await settled();
  expect(held.begun).toHaveLength(2);
  held.begun[1]?.resolve(2);
  expect(await Promise.all([first, second, third])).toEqual([1, 2, 2]);
});

it('a round that fails does not fail those who wait for the next', async () => {
  const held = new HeldRounds();
  const [first, second] = [held.join(), held.join()];
  held.begun[0]?.reject(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  await settled();
  held.begun[1]?.resolve(2);
  expect(await second).toBe(2);
});

it('a caller that comes after a round has ended begins another', async () => {
  const held = new HeldRounds();
  const first = held.join();
  held.begun[0]?.resolve(1);
  await first;
  const second = held.join();
  expect(held.begun).toHaveLength(2);
  held.begun[1]?.resolve(2);
  expect(await second).toBe(2);
});
