import { beforeAll, describe, expect, test } from 'vitest';

import { outputsFor } from '../thrift/outputs';
import { testPeer } from './context-peers';
import { install } from './install-libraries';
import lock from './thrift-peers/package-lock.json';
import { THRIFT_PEERS } from './versions';

beforeAll(() => install('thrift-peers'));

describe.each(THRIFT_PEERS)('a peer with thrift %s', (version) => {
  test('is the version that is installed', () => {
    expect(lock.packages[`node_modules/thrift-${version}`].version).toBe(version);
  });

  for (const output of outputsFor(version)) testPeer(version, output);
});
