import net from 'node:net';
import { once } from 'node:events';

import { beforeEach, describe, expect, test } from 'vitest';

import { Counted, configureMetrics, ThriftMetricsError } from '../../../src/index';
import { currentRuntime, Runtime } from '../../../src/runtime/runtime';
import { otherLibraryIn, reportOtherLibrary } from '../../../src/thrift/library/other-libraries';
import { reportMissingLibrary } from '../../../src/thrift/library/missing-library';
import { reportUnknownLibrary } from '../../../src/thrift/library/unknown-library';
import { inventoryOf } from '../../../src/runtime/inventory';
import { delay } from '../../../src/metrics/clock';

interface Reported {
  readonly site: string;
  readonly error: unknown;
}

/** A runtime of its own, whose reports are collected. */
function observed(): { runtime: Runtime; reports: Reported[] } {
  const runtime = new Runtime();
  const reports: Reported[] = [];
  runtime.settings.onError = (error, site) => void reports.push({ error, site });
  return { runtime, reports };
}

const codesOf = (reports: readonly Reported[]): (string | null)[] =>
  reports.map(({ error }) => (error instanceof ThriftMetricsError ? error.code : null));

describe.each([
  ['thriftrw', 'thriftrw'],
  ['thriftrw/thrift', 'thriftrw'],
  ['evernote', 'evernote'],
  ['@creditkarma/thrift-server-hapi', '@creditkarma/thrift-server-hapi'],
  ['@creditkarma/thrift-client', '@creditkarma/thrift-client'],
  ['/app/node_modules/thriftrw/index.js', 'thriftrw'],
  ['C:\\app\\node_modules\\thriftrw\\index.js', 'thriftrw'],
  [
    'C:\\app\\node_modules\\@creditkarma\\thrift-server-core\\dist\\index.js',
    '@creditkarma/thrift-server-core',
  ],
  ['thrift', null],
  ['@creditkarma/thrift-typescript', null],
  ['./thriftrw', null],
  ['/app/src/evernote/index.js', null],
  ['thriftrw-tools', null],
])('a program that requires %s', (request, name) => {
  test(`a program that requires ${request} uses ${name ?? 'no other implementation of Thrift'}`, () => {
    expect(otherLibraryIn(request)).toBe(name);
  });
});

test('another implementation of Thrift is reported once, with what to do', () => {
  const { runtime, reports } = observed();
  reportOtherLibrary(runtime, 'thriftrw');
  reportOtherLibrary(runtime, 'thriftrw');
  reportOtherLibrary(runtime, 'evernote');
  expect(codesOf(reports)).toEqual(['TM_ERR_OTHER_THRIFT', 'TM_ERR_OTHER_THRIFT']);
  expect(String(reports[0]?.error)).toContain('pass them to instrumentHandler');
  expect([...inventoryOf(runtime).otherLibraries]).toEqual(['thriftrw', 'evernote']);
});

test('a module thrift without what is wrapped is reported once', () => {
  const { runtime, reports } = observed();
  reportUnknownLibrary(runtime);
  reportUnknownLibrary(runtime);
  expect(codesOf(reports)).toEqual(['TM_ERR_THRIFT_VERSION']);
});

describe('after the grace period', () => {
  const reportsAfter = async (
    prepare: (runtime: Runtime) => void = () => {},
    isServer = true,
  ): Promise<Reported[]> => {
    const { runtime, reports } = observed();
    reportMissingLibrary(runtime, () => isServer, 1);
    prepare(runtime);
    // Timers run in the order of their times.
    await delay(5);
    return reports;
  };

  test('a server that has not loaded thrift after the grace period is reported', async () => {
    const reports = await reportsAfter();
    expect(codesOf(reports)).toEqual(['TM_ERR_NO_THRIFT']);
  });

  test('a script that serves nothing and has not loaded thrift is not reported', async () => {
    expect(await reportsAfter(() => {}, false)).toEqual([]);
  });

  test('a program that has loaded thrift is not reported', async () => {
    const load = (runtime: Runtime): void => inventoryOf(runtime).addLibrary({});
    expect(await reportsAfter(load)).toEqual([]);
  });

  test('a program whose other implementation of Thrift was reported is not reported for lacking thrift', async () => {
    const reports = await reportsAfter((runtime) => reportOtherLibrary(runtime, 'thriftrw'));
    expect(codesOf(reports)).toEqual(['TM_ERR_OTHER_THRIFT']);
  });
});

describe('a decorated program without thrift', () => {
  const reports: Reported[] = [];
  beforeEach(() => {
    reports.length = 0;
    configureMetrics({ onError: (error, site) => void reports.push({ error, site }) });
  });

  test('a decorated program without thrift is not reported, because its handlers are measured', async () => {
    class DecoratedHandler {
      @Counted ping(): void {}
    }
    new DecoratedHandler().ping();
    reportMissingLibrary(currentRuntime(), () => true, 1);
    await delay(5);
    expect(reports).toEqual([]);
  });
});

test('a TCP server of the program is seen, and one that does not keep it alive is not', async () => {
  const listens = (): boolean => process.getActiveResourcesInfo().includes('TCPServerWrap');
  expect(listens()).toBe(false);
  const server = net.createServer().listen(0);
  await once(server, 'listening');
  expect(listens()).toBe(true);
  server.unref();
  expect(listens()).toBe(false);
  server.close();
});
