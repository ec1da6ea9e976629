import { version } from 'thrift/package.json';

/** One way to run Thrift's compiler for the library service, and the folder with what it wrote. */
export interface Output {
  /** Unique, and part of titles and of names of services. */
  readonly style: string;
  readonly isEs6: boolean;
  readonly compiler: '0.17' | '0.19' | '0.24';
  /** The promises that it uses: those of JavaScript, those of the package `q`, or none, because there is no `thrift.Q`. */
  readonly promises: 'native' | 'Q' | 'none';
  readonly folder: string;
}

const ES6: Output = {
  style: 'ES6',
  isEs6: true,
  compiler: '0.24',
  promises: 'native',
  folder: './gen-nodejs',
};

const ES5: Output = {
  style: 'ES5',
  isEs6: false,
  compiler: '0.24',
  promises: 'native',
  folder: './gen-nodejs-es5',
};

const ES5_WITH_Q: Output = {
  style: 'ES5 with Q',
  isEs6: false,
  compiler: '0.24',
  promises: 'Q',
  folder: './outputs/0.24-q/gen-nodejs-es5',
};

const olderEs6 = (compiler: Output['compiler']): Output => ({
  style: `ES6 of ${compiler}`,
  isEs6: true,
  compiler,
  promises: 'native',
  folder: `./outputs/${compiler}/gen-nodejs`,
});

const olderEs5 = (compiler: Output['compiler']): Output => ({
  style: `ES5 of ${compiler}`,
  isEs6: false,
  compiler,
  promises: 'Q',
  folder: `./outputs/${compiler}/gen-nodejs-es5`,
});

const newest = [ES6, ES5, ES5_WITH_Q] as const;
const older = [olderEs6('0.19'), olderEs5('0.19'), olderEs6('0.17'), olderEs5('0.17')] as const;

/** The output of 0.24 reads and writes structs through members that earlier releases of `thrift` do not have. */
const takesNewest = (thrift: string): boolean => Number(thrift.split('.')[1]) >= 24;

/** All outputs that work with a release of `thrift`. */
export function outputsFor(thrift: string): readonly Output[] {
  return takesNewest(thrift) ? [...newest, ...older] : older;
}

/** All outputs that work with the installed `thrift`. */
export const outputs = outputsFor(version);

/** The output of the newest compiler with native promises, where `thrift` works with it. */
export const newestOutputs: readonly Output[] = takesNewest(version) ? [ES6, ES5] : [];

/** The newest output that works with a release of `thrift`, in ES6 and in ES5. */
export function mainOutputsFor(thrift: string): readonly [Output, Output] {
  return takesNewest(thrift) ? [ES6, ES5] : [older[0], older[1]];
}

/** The newest of `outputs` in ES6 and in ES5. */
export const mainOutputs = mainOutputsFor(version);

/** Older ES5 output in a program that does not set `thrift.Q`. Only handlers in callback style work. */
export const outputsWithoutQ: readonly Output[] = [older[1], older[3]].map((output) => ({
  ...output,
  style: `${output.style} without thrift.Q`,
  promises: 'none',
}));

/** The matrix runs all tests with all outputs, and not only with the main ones. */
export const runsAll = process.env['TEST_OUTPUTS'] === 'all';
