import { startProgram, type Program } from './start-program';

/** Starts examples/calculator on free ports, unless the arguments name others. */
export function startCalculator(...args: string[]): Program {
  return startProgram(
    process.execPath,
    ['--import', 'tsx', 'examples/calculator/main.ts']
      .concat('--thrift-port', '0', '--metrics-port', '0')
      .concat(args),
  );
}
