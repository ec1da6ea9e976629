import { hangsUp, result } from './answers';
import { failedWith, SUCCEEDED } from './handler-counts';
import { Probed } from './probed';
import { testSideBySide, type Case } from './side-by-side';

const note = { method: 'note', args: () => ['text'] } as const;

/** For the client, a oneway call has ended as soon as it is sent. */
const sent = result(undefined);

const sentAndSucceeded: Pick<Case, 'seen' | 'counts'> = {
  seen: sent,
  counts: SUCCEEDED,
};

testSideBySide([
  {
    ...note,
    ...sentAndSucceeded,
    title: 'an async oneway method is not answered',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async note(_text: string) {
          ending();
        }
      }
      return new Handler();
    },
  },
  {
    ...note,
    ...sentAndSucceeded,
    title: 'a oneway method with rest parameters gets no callback',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        note(...args: unknown[]) {
          ending();
          if (args.length !== 1) throw new Error(`${args.length} arguments`);
        }
      }
      return new Handler();
    },
  },
  {
    ...note,
    ...sentAndSucceeded,
    title: 'a oneway method in callback style gets no callback',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        note(_text: string, answer?: () => void) {
          ending();
          answer?.();
        }
      }
      return new Handler();
    },
  },
  {
    ...note,
    ...sentAndSucceeded,
    title: 'a oneway method that returns a promise of Q is not answered',
    handler({ onClass, onMethod, ending }) {
      const Q = require('q') as (value: unknown) => PromiseLike<unknown>;
      @onClass
      class Handler extends Probed {
        @onMethod
        note(_text: string) {
          ending();
          return Q(undefined);
        }
      }
      return new Handler();
    },
  },
  {
    ...note,
    title: 'a oneway method that throws closes the connection',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        note(_text: string) {
          ending();
          throw new RangeError('too much');
        }
      }
      return new Handler();
    },
    seen: { ...hangsUp({ class: 'RangeError', message: 'too much' }), ...sent },
    counts: failedWith('undeclared RangeError'),
  },
  {
    ...note,
    title: 'an async oneway method that fails leaves its rejection unhandled',
    handler({ onClass, onMethod, ending }) {
      @onClass
      class Handler extends Probed {
        @onMethod
        async note(_text: string) {
          ending();
          throw new RangeError('too much');
        }
      }
      return new Handler();
    },
    seen: { ...sent, unhandled: [{ class: 'RangeError', message: 'too much' }] },
    counts: failedWith('undeclared RangeError'),
  },
]);
