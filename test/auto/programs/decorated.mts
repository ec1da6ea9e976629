// The example's handler carries decorators; only they are to count its calls.
import { createClient, createConnection, createServer } from 'thrift';

import { CalculatorHandler } from '../../../examples/calculator/handler.js';
import { run } from './run.cjs';

await run({ createClient, createConnection, createServer }, new CalculatorHandler());
