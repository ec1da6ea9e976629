import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import { outputOf } from '../consumers/run';
import { describeCell } from './describe-cell';
import { install, installed, installLibraries } from './install-libraries';
import { expectMeasured, MODES, type Runtime } from './library-service';
import { CLIENT_LIBRARIES, RUNTIMES, THRIFTS } from './versions';

const THRIFT = join(__dirname, '../../node_modules/thrift');
const GENERATED = join(__dirname, '../thrift');

const newest = { thrift: THRIFTS[2], client: CLIENT_LIBRARIES[1] } as const;

beforeAll(async () => {
  await install('runtimes');
  await installLibraries();
});

describe.each(RUNTIMES)('$name $version', ({ name, version, run, preload }) => {
  const program = installed('runtimes', `.bin/${name.toLowerCase()}`);
  const runtime: Runtime = { program, run, preload };

  test('is the version that is installed', async () => {
    expect(await outputOf(program, ['--version'], __dirname)).toContain(version);
  });

  describeCell({ ...newest, runtime: name }, runtime);

  describe.each(['gen-nodejs', 'gen-nodejs-es5'])('with the output in %s', (output) => {
    test.each(MODES)('behaves as without metrics, and is measured, with %s', async (mode) => {
      await expectMeasured(runtime, THRIFT, join(GENERATED, output), mode);
    });
  });
});
