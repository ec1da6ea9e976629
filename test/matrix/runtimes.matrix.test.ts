import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { outputOf } from '../consumers/run';
import { describeCell } from './describe-cell';
import { installed } from './install-libraries';
import { expectMeasured, MODES, type Runtime } from './library-service';
import { CLIENT_LIBRARIES, RUNTIMES, THRIFTS } from './versions';

const THRIFT = join(__dirname, '../../node_modules/thrift');
const GENERATED = join(__dirname, '../thrift');

const BUNDLE = join(__dirname, '../../dist/index.js');
const newest = { thrift: THRIFTS[2], client: CLIENT_LIBRARIES[1] } as const;

describe.each(RUNTIMES)('$name $version', ({ name, version, run, preload }) => {
  const program = installed('runtimes', `.bin/${name.toLowerCase()}`);
  const runtime: Runtime = { program, run, preload };

  test('is the version that is installed', async () => {
    expect(await outputOf(program, ['--version'], __dirname)).toContain(version);
  });

  describeCell({ ...newest, runtime: name }, runtime);

  const outputOfProgram = (file: string): Promise<string> =>
    outputOf(program, [...run, join(__dirname, 'programs', file), BUNDLE], __dirname);

  test('the sum of a cluster has the calls of workers that have ended', async () => {
    expect(await outputOfProgram('cluster.cjs')).toBe('6\n');
  });

  test('a web server counts its connections, and their bytes unless it reports that it cannot', async () => {
    expect(JSON.parse(await outputOfProgram('web-server.cjs'))).toEqual({
      connections: 1,
      countsBytes: name === 'Bun' ? null : true,
      reports: name === 'Bun' ? ['TM_ERR_RUNTIME'] : [],
    });
  });

  describe.each(['gen-nodejs', 'gen-nodejs-es5'])('with the output in %s', (output) => {
    test.each(MODES)('behaves as without metrics, and is measured, with %s', async (mode) => {
      await expectMeasured(runtime, THRIFT, join(GENERATED, output), mode);
    });
  });
});
