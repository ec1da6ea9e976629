import { startProgram, type Program } from './start-program';

export const FREE_PORTS = ['--thrift-port', '0', '--metrics-port', '0'];

/** Starts examples/calculator on free ports, unless the arguments name others. */
export function startCalculator(...args: string[]): Program {
  const main = ['--import', 'tsx', 'examples/calculator/main.ts'];
  return startProgram(process.execPath, [...main, ...FREE_PORTS, ...args]);
}
