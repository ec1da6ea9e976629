import { join } from 'node:path';

import { beforeAll, describe, expect, test } from 'vitest';

import lock from './older-thrift/package-lock.json';
import { install, installed } from './install-libraries';
import { expectMeasured, MODES, NODE } from './library-service';
import { OLDER_THRIFTS } from './versions';

const OUTPUTS = join(__dirname, '../thrift/outputs/0.17');

beforeAll(() => install('older-thrift'));

describe.each(OLDER_THRIFTS)('thrift %s', (version) => {
  const thrift = (): string => installed('older-thrift', `thrift-${version}`);

  test('is the version that is installed', () => {
    expect(lock.packages[`node_modules/thrift-${version}`].version).toBe(version);
  });

  describe.each(['gen-nodejs', 'gen-nodejs-es5'])('with the output in %s', (output) => {
    test.each(MODES)('behaves as without metrics, and is measured, with %s', async (mode) => {
      await expectMeasured(NODE, thrift(), join(OUTPUTS, output), mode);
    });
  });
});
