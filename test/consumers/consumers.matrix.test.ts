import { afterAll, beforeAll } from 'vitest';

import { nodes } from '../matrix/install-nodes';
import { checkConsumers } from './checks';
import { TIMEOUT } from './consumer';
import { install, pack, temporaryFolder, type Packed } from './projects';

let temporary: Awaited<ReturnType<typeof temporaryFolder>> | undefined;
let packed: Packed;

beforeAll(async () => {
  temporary = await temporaryFolder();
  packed = await pack(temporary.path);
}, TIMEOUT);

afterAll(() => temporary?.remove());

checkConsumers({ install: (project) => install(project, packed), nodes });
