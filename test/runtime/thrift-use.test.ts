import { expect, test, vi } from 'vitest';

import { Runtime } from '../../src/runtime/runtime';
import { thriftUseOf } from '../../src/runtime/thrift-use';

test('listeners are called at the first use of Thrift, and each once', () => {
  const use = thriftUseOf(new Runtime());
  const listener = vi.fn();
  use.whenUsed(listener);
  expect(listener).not.toHaveBeenCalled();
  use.note();
  use.note();
  expect(listener).toHaveBeenCalledTimes(1);
});

test('a listener that is added after the first use is called immediately', () => {
  const use = thriftUseOf(new Runtime());
  use.note();
  const listener = vi.fn();
  use.whenUsed(listener);
  expect(listener).toHaveBeenCalledTimes(1);
});

test('a listener that uses Thrift itself does not start another round', () => {
  const use = thriftUseOf(new Runtime());
  const listener = vi.fn(() => use.note());
  use.whenUsed(listener);
  use.note();
  expect(listener).toHaveBeenCalledTimes(1);
});
