import { beforeAll, describe } from 'vitest';

import { describeCell } from './describe-cell';
import { installLibraries } from './install-libraries';
import { nodes } from './install-nodes';
import { CLIENT_LIBRARIES, THRIFTS } from './versions';

beforeAll(installLibraries);

// Each Node.js with each Thrift, and each Thrift with each client library.
for (const [row, { version, program }] of nodes.entries()) {
  describe(`on Node.js ${version}`, () => {
    for (const [column, thrift] of THRIFTS.entries()) {
      const client = CLIENT_LIBRARIES[(row + column) % CLIENT_LIBRARIES.length];
      if (client !== undefined) describeCell({ thrift, client }, program);
    }
  });
}
