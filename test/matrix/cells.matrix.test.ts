import { describe } from 'vitest';

import { describeCell } from './describe-cell';
import { nodes } from './install-nodes';
import { thisNode } from './node';
import { CLIENT_LIBRARIES, THRIFTS } from './versions';

// Each Node.js with each Thrift, and each Thrift with each client library.
for (const [row, node] of nodes.entries()) {
  describe(`on Node.js ${node.version}`, () => {
    for (const [column, thrift] of THRIFTS.entries()) {
      const client = CLIENT_LIBRARIES[(row + column) % CLIENT_LIBRARIES.length];
      if (client !== undefined) describeCell({ thrift, client }, node);
    }
  });
}

describe('on this Node.js', () => {
  for (const thrift of THRIFTS) {
    describeCell({ thrift, client: CLIENT_LIBRARIES[0], runsAllOutputs: true }, thisNode);
  }
});
