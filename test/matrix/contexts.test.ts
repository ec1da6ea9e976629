import { beforeAll, describe } from 'vitest';

import { mainOutputsFor } from '../thrift/outputs';
import { testPeer } from './context-peers';
import { install } from './install-libraries';

beforeAll(() => install('thrift-peers'));

// A selection. `npm run test:matrix` runs all releases and outputs.
const [es6, es5] = mainOutputsFor('0.16.0');
describe('a peer with thrift 0.16.0', () => testPeer('0.16.0', es5));
describe('a peer with thrift 0.22.0', () => testPeer('0.22.0', es6));
