import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import lock from './older-thrift/package-lock.json';
import { describeCell } from './describe-cell';
import { thriftFolder } from './install-libraries';
import { expectMeasured, MODES, NODE } from './library-service';
import { thisNode } from './node';
import { CLIENT_LIBRARIES, OLDER_THRIFTS } from './versions';

const OUTPUTS = join(__dirname, '../thrift/outputs/0.17');

describe.each(OLDER_THRIFTS)('thrift %s', (version) => {
  test('is the version that is installed', () => {
    expect(lock.packages[`node_modules/thrift-${version}`].version).toBe(version);
  });

  describeCell({ thrift: version, client: CLIENT_LIBRARIES[1] }, thisNode);

  describe.each(['gen-nodejs', 'gen-nodejs-es5'])('with the output in %s', (output) => {
    test.each(MODES)('behaves as without metrics, and is measured, with %s', async (mode) => {
      await expectMeasured(NODE, thriftFolder(version), join(OUTPUTS, output), mode);
    });
  });
});
