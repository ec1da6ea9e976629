// A thread that counts and ends.
import { workerData } from 'node:worker_threads';

import { obey } from './obey.mjs';

obey(workerData);
