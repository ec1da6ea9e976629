import { beforeAll, describe } from 'vitest';

import { describeCell } from './describe-cell';
import { installLibraries } from './install-libraries';
import { CLIENT_LIBRARIES, THRIFTS } from './versions';

// The newest are in the lockfile, with which everything else runs; all combinations: npm run test:matrix.
describe('on this Node.js', () => {
  beforeAll(installLibraries);
  describeCell({ thrift: THRIFTS[0], client: CLIENT_LIBRARIES[0] }, process.execPath);
  describeCell({ thrift: THRIFTS[1], client: CLIENT_LIBRARIES[3] }, process.execPath);
});
