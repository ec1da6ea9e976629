import { expect, test } from 'vitest';

import { needsSpace } from '../../../../src/tools/page/browser/space-key';

test.each([
  ['button', true],
  ['a', true],
  ['input', true],
  ['summary', true],
  ['body', false],
  ['pre', false],
])(
  'whether a focused %s needs the space bar, which otherwise pauses the page: %s',
  (name, needs) => {
    const element = { matches: (selector: string) => selector.split(', ').includes(name) };
    expect(needsSpace(element)).toBe(needs);
  },
);
