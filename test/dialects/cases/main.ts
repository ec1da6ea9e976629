import { cases } from './index.js';
import { runCases } from './run-cases.js';

void runCases(cases);
