import { createClient, createConnection, createServer } from 'thrift';

import { run } from './run.cjs';

await run({ createClient, createConnection, createServer });
