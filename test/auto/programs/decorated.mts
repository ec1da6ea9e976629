// The example's handler has decorators, so its calls must not be counted a second time.
import { createClient, createConnection, createServer } from 'thrift';

import { CalculatorHandler } from '../../../examples/calculator/handler.js';
import { run } from './run.cjs';

await run({ createClient, createConnection, createServer }, new CalculatorHandler());
