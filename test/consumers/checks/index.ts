import type { Consumer } from '../consumer';
import { checkCommonJs } from './commonjs';
import { checkEsm } from './esm';
import { checkTestRunners } from './test-runners';
import { checkThriftTypeScript } from './thrift-typescript';

/** Checks all projects that install the package, on each Node.js. */
export function checkConsumers(consumer: Consumer): void {
  checkEsm(consumer);
  checkCommonJs(consumer);
  checkTestRunners(consumer);
  checkThriftTypeScript(consumer);
}
