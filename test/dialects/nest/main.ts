import { runCases } from '../cases/run-cases.js';
import { cases } from './cases.js';

void runCases(cases);
