import thrift from 'thrift';

import { run } from './run.cjs';

await run(thrift);
