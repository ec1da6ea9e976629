import { expect } from 'vitest';

import { hangsUp, result } from './answers';
import { NONE, SUCCEEDED } from './handler-counts';
import { load } from './generated';
import { outputsWithoutQ } from './outputs';
import { Probed } from './probed';
import { testSideBySide } from './side-by-side';

// thrift 0.24 no longer has `Q`, which ES5 output of older compilers needs for handlers in promise style.
testSideBySide(
  [
    {
      title: 'a method in callback style is answered with its result',
      handler({ onClass, onMethod, ending }) {
        @onClass
        class Handler extends Probed {
          @onMethod
          divide(left: number, right: number, answer: (error: null, result: number) => void) {
            ending();
            answer(null, left / right);
          }
        }
        return new Handler();
      },
      seen: result(2),
      counts: SUCCEEDED,
    },
    {
      title: 'a method in promise style is not reached',
      handler({ onClass, onMethod, ending }) {
        @onClass
        class Handler extends Probed {
          @onMethod
          async divide(left: number, right: number) {
            ending();
            return left / right;
          }
        }
        return new Handler();
      },
      seen: hangsUp({ class: 'TypeError', message: expect.stringContaining('fcall') }),
      counts: NONE,
    },
  ],
  outputsWithoutQ.map(load),
);
