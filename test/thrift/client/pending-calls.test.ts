import { expect, test } from 'vitest';

import { GaugeCell } from '../../../src/metrics/cell';
import { PendingCalls, type ClientCall } from '../../../src/thrift/client/client-call';
import { OfflineQueue } from '../../../src/thrift/client/offline-queue';

test('calls leave a connection in any order', () => {
  for (const order of ['abc', 'acb', 'bac', 'bca', 'cab', 'cba']) {
    const calls = new Map(['a', 'b', 'c'].map((name) => [name, { index: 0 } as ClientCall]));
    const pending = new PendingCalls();
    for (const call of calls.values()) pending.add(call);
    for (const name of order) {
      expect(new Set(pending.current())).toEqual(new Set(calls.values()));
      expect(pending.size).toBe(calls.size);
      pending.delete(calls.get(name) as ClientCall);
      calls.delete(name);
    }
    expect(pending.current()).toEqual([]);
  }
});

test('a call may leave while the others are looked through', () => {
  const pending = new PendingCalls();
  const calls = [0, 1, 2].map(() => ({ index: 0 }) as ClientCall);
  for (const call of calls) pending.add(call);
  const seen: ClientCall[] = [];
  for (const call of pending.current()) {
    seen.push(call);
    pending.delete(call);
  }
  expect(seen).toEqual(calls);
  expect(pending.size).toBe(0);
});

test('calls that wait are in the gauge of their client until all are sent or dropped', () => {
  const queue = new OfflineQueue();
  const [one, other] = [new GaugeCell(), new GaugeCell()];
  queue.enter(one);
  queue.enter(one);
  queue.enter(other);
  expect([one.value, other.value]).toEqual([2, 1]);
  queue.leave();
  expect([one.value, other.value]).toEqual([0, 0]);
  queue.leave();
  expect([one.value, other.value]).toEqual([0, 0]);
});

test('after a reset, the gauge has only the calls that began to wait since then', () => {
  const queue = new OfflineQueue();
  const gauge = new GaugeCell();
  queue.enter(gauge);
  queue.enter(gauge);
  gauge.reset();
  queue.enter(gauge);
  expect(gauge.value).toBe(1);
  queue.leave();
  expect(gauge.value).toBe(0);
});

test('calls that waited before a reset do not leave the gauge after it', () => {
  const queue = new OfflineQueue();
  const gauge = new GaugeCell();
  queue.enter(gauge);
  gauge.reset();
  queue.leave();
  expect(gauge.value).toBe(0);
});
