import { beforeAll, describe } from 'vitest';

import { describeCell } from './describe-cell';
import { installLibraries } from './install-libraries';
import { installNode, nodes } from './install-nodes';
import { thisNode, type Node } from './node';
import { CLIENT_LIBRARIES, THRIFTS } from './versions';

// A selection. All other tests use the newest libraries, from the lockfile; `npm run test:matrix` runs all combinations.
beforeAll(installLibraries);

describe('on this Node.js', () => {
  describeCell({ thrift: THRIFTS[0], client: CLIENT_LIBRARIES[0] }, thisNode);
  describeCell({ thrift: THRIFTS[1], client: CLIENT_LIBRARIES[3] }, thisNode);
});

describe('on the newest Node.js', () => {
  const newest = nodes.at(-1) as Node;
  beforeAll(() => installNode(newest));
  describeCell({ thrift: THRIFTS[2], client: CLIENT_LIBRARIES[1] }, newest);
});
