import { nodes } from '../matrix/install-nodes';
import { checkConsumers } from './checks';
import { packedPackage } from './projects';

checkConsumers({ install: packedPackage().install, nodes });
