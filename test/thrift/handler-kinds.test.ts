import { beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentService,
  resetMetrics,
} from '../../src/index';
import { loadOutputs } from './generated';
import { kinds } from './handler-kinds';
import { countsOf } from './handler-counts';
import { playKind, type Way } from './serve-kind';

const faults: unknown[] = [];

beforeEach(() => {
  resetMetrics();
  faults.length = 0;
  configureMetrics({ onError: (error) => faults.push(error) });
});

const TWO_CALLS = { requests: 2, succeeded: 2, failed: 0, errors: {}, inFlight: 0 };

const measure = (handler: object): object => instrumentHandler(handler, { service: 'Library' });

const ways: [string, Way][] = [
  ['instrumentHandler', { handler: measure }],
  ['instrumentHandler and instrumentService', { handler: measure, service: instrumentService }],
  [
    'instrumentHandler twice',
    { handler: (handler) => measure(measure(handler)), service: instrumentService },
  ],
];

describe.each(loadOutputs())('generated code in $style', (generated) => {
  describe.each(kinds)('$title', (kind) => {
    test.each(ways)(
      'with %s: the answers and the handler are as without, and each call is counted once',
      async (_title, way) => {
        const bare = await playKind(generated, kind);
        expect(bare.serverErrors).toEqual([]);
        expect(bare.answers).not.toContain('none');
        resetMetrics();
        const measured = await playKind(generated, kind, way);
        expect(measured).toEqual(bare);
        expect(faults).toEqual([]);
        for (const method of ['count', 'twice']) {
          expect({ method, ...(await countsOf(method)) }).toEqual({ method, ...TWO_CALLS });
        }
      },
    );

    test('with instrumentService alone: the answers and the handler are as without', async () => {
      const bare = await playKind(generated, kind);
      expect(await playKind(generated, kind, { service: instrumentService })).toEqual(bare);
    });
  });
});
