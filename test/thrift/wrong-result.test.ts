import { expect } from 'vitest';

import { thrift } from '../support/start-thrift';
import { SUCCEEDED } from './handler-counts';
import { hangsUp } from './answers';
import { Probed } from './probed';
import { testSideBySide, type Visible } from './side-by-side';

thrift.setLogFunc?.(() => {});

const notAString: Visible = {
  answer: 'none',
  // The beginning of a REPLY, followed by an EXCEPTION in the middle of it.
  bytes: expect.stringMatching(/^80010002(..)+80010003/) as string,
};
const message = expect.stringContaining('without a string') as string;
const notAStringAtOnce: Visible = hangsUp({ class: 'Error', message });

testSideBySide([
  {
    title: 'an async method with a result of the wrong type counts as succeeded',
    method: 'describe',
    args: () => [1],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async describe(id: number) {
          ending();
          return id;
        }
      }
      return new Handler();
    },
    seen: notAString,
    counts: SUCCEEDED,
  },
  {
    title: 'a callback throws for a result of the wrong type, and the call counts as succeeded',
    method: 'describe',
    args: () => [1],
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        describe(id: number, answer: (error: null, result: number) => void) {
          ending();
          answer(null, id);
        }
      }
      return new Handler();
    },
    seen: notAStringAtOnce,
    counts: SUCCEEDED,
  },
]);
