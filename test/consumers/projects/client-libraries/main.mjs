import { report } from './handlers.js';
import client from '@prometheus-io/client';

setImmediate(() => report(client));
