import { Server } from 'node:http';

import { beforeEach, describe, expect, test } from 'vitest';

import { configureMetrics, resetMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { instrumentLibrary } from '../../../src/thrift/library/instrument-library';
import { thrift } from '../../support/start-thrift';
import { loadEs6, loadOutputs } from '../generated';
import { countsOf } from '../handler-counts';
import { kinds } from '../handler-kinds';
import { playKind } from '../serve-kind';

/** A copy of the library, so that the bare server is created without metrics. */
const library = { ...thrift };
instrumentLibrary(currentRuntime(), library);
const { createServer } = library;

const faults: unknown[] = [];

beforeEach(() => {
  resetMetrics();
  faults.length = 0;
  // Servers of this test do have a listener, but only after they are created.
  configureMetrics({ onError: (error) => faults.push(error) });
});

const TWO_CALLS = { requests: 2, succeeded: 2, failed: 0, errors: {}, inFlight: 0 };

/** Under `auto`, decorators decide alone. */
const decorated = 'a class with some decorated methods and metrics';

describe.each(loadOutputs())('generated code in $style', (generated) => {
  test.each(kinds.filter(({ title }) => title !== decorated))(
    '$title under auto: the answers and the handler are as without, and each call is counted once',
    async (kind) => {
      const bare = await playKind(generated, kind);
      resetMetrics();
      expect(await playKind(generated, kind, { createServer })).toEqual(bare);
      expect(faults).toEqual([]);
      for (const method of ['count', 'twice']) {
        expect({ method, ...(await countsOf(method)) }).toEqual({ method, ...TWO_CALLS });
      }
    },
  );
});

test('under auto, a handler whose decorators leave methods of the service unmeasured is reported', async () => {
  const kind = kinds.find(({ title }) => title === decorated)!;
  await playKind(loadEs6(), kind, { createServer });
  expect(faults).toMatchObject([{ code: 'TM_ERR_UNMEASURED_METHODS' }]);
  expect(String(faults[0])).toContain("Calls of 'twice' are missing");
});

test('under auto, a web server that only serves files is created without a fault', () => {
  const { createWebServer } = library as unknown as { createWebServer(options: object): object };
  expect(createWebServer({ files: '/srv/files' })).toBeInstanceOf(Server);
  expect(faults).toEqual([]);
});

test('under auto, methods of a service behind accessors have series at 0 before the first call', async () => {
  resetMetrics();
  const handler = {
    get count() {
      return async () => 3;
    },
  };
  createServer(loadEs6().service, handler);
  expect(await countsOf('count')).toMatchObject({ requests: 0, succeeded: 0, inFlight: 0 });
});
