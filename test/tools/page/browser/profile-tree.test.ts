import { expect, it } from 'vitest';

import { hottestOf } from '../../../../src/tools/page/browser/profile-hottest';
import type {
  CallFrame,
  ProfiledMethod,
  ProfileFile,
  ProfileNotes,
} from '../../../../src/tools/page/browser/profile-protocol';
import { createTree, type Frame } from '../../../../src/tools/page/browser/profile-tree';

const PACKAGE = 'file:///app/node_modules/thrift-metrics/dist/';

const notes = (
  type: ProfileNotes['type'],
  methods: readonly ProfiledMethod[] = [],
): ProfileNotes => ({
  type,
  service: 'Calculator',
  host: 'host',
  pid: 1,
  thread: 0,
  hasWorkers: false,
  startedAt: 0,
  seconds: 1,
  interval: 1000,
  methods,
  packageUrls: [PACKAGE],
});

/** A function of a script, at a line that stands for its place. */
const frame = (functionName: string, lineNumber: number, url = 'file:///app/a.js'): CallFrame => ({
  functionName,
  scriptId: '7',
  url,
  lineNumber,
  columnNumber: 4,
});

const ADD: ProfiledMethod = {
  service: 'Calculator',
  method: 'add',
  scriptId: '7',
  lineNumber: 10,
  columnNumber: 4,
};
const MEAN: ProfiledMethod = { ...ADD, method: 'mean', lineNumber: 20 };

/** A stack, from the outermost function, and the microseconds or bytes that its last function takes. */
type Stack = readonly [self: number, ...frames: CallFrame[]];

/** The heap profile of these stacks. */
function heapOf(stacks: readonly Stack[], methods: readonly ProfiledMethod[]): ProfileFile {
  const head = {
    callFrame: frame('(root)', -1, ''),
    selfSize: 0,
    children: stacks.map(([self, ...frames]) => nested(self, frames)),
  };
  return { head, thriftMetrics: notes('heap', methods) };
}

type Nested = { callFrame: CallFrame; selfSize: number; children: Nested[] };

function nested(self: number, [outer, ...inner]: readonly CallFrame[]): Nested {
  const callFrame = outer as CallFrame;
  return inner.length === 0
    ? { callFrame, selfSize: self, children: [] }
    : { callFrame, selfSize: 0, children: [nested(self, inner)] };
}

type Shown = readonly [name: string, self: number, ...children: Shown[]];

const shown = ({ name, self, children }: Frame): Shown => [name, self, ...children.map(shown)];

it('a sample of the CPU lasts until the next one, and the last one until the end', () => {
  const file: ProfileFile = {
    nodes: [
      { id: 1, callFrame: frame('(root)', -1, ''), children: [2, 3, 4] },
      { id: 2, callFrame: frame('(idle)', -1, '') },
      { id: 3, callFrame: frame('add', 10) },
      { id: 4, callFrame: frame('other', 30) },
    ],
    startTime: 1000,
    endTime: 2000,
    // At 1100, 1300, 1600 and 1700.
    samples: [3, 2, 4, 3],
    timeDeltas: [100, 200, 300, 100],
    thriftMetrics: notes('cpu', [ADD]),
  };
  const { root, total, idle } = createTree(file);
  expect(idle).toBe(300);
  expect(total).toBe(600);
  expect(shown(root)).toEqual([
    'everything',
    0,
    ['outside of methods', 0, ['other', 100]],
    ['Calculator.add', 200 + 300],
  ]);
});

it('all calls of a method are one frame below the root, whatever has led to them', () => {
  const socket = frame('onread', 1, 'node:net');
  const file = heapOf(
    [
      [5, socket, frame('process', 40), frame('add', 10), frame('helper', 50)],
      [3, frame('processTicks', 2, 'node:internal'), frame('add', 10)],
      [2, socket, frame('process', 40)],
    ],
    [ADD],
  );
  expect(shown(createTree(file).root)).toEqual([
    'everything',
    0,
    ['outside of methods', 0, ['onread', 0, ['process', 2]]],
    ['Calculator.add', 3, ['helper', 5]],
  ]);
});

it('a method that another method calls is a frame below it, with the color of the outer one', () => {
  const file = heapOf([[4, frame('add', 10), frame('mean', 20)]], [ADD, MEAN]);
  const { root } = createTree(file);
  expect(shown(root)).toEqual(['everything', 0, ['Calculator.add', 0, ['Calculator.mean', 4]]]);
  const [outer] = root.children;
  expect(outer?.children[0]?.method).toBe(outer?.method);
});

it('frames of the package are folded, and its own time stays beside what it has called', () => {
  const wrapper = frame('measured', 5, `${PACKAGE}core.js`);
  const now = frame('now', 6, `${PACKAGE}core.js`);
  const file = heapOf(
    [
      [7, frame('process', 40), wrapper, frame('add', 10)],
      [1, frame('add', 10), wrapper, now],
      [2, frame('add', 10), wrapper, frame('helper', 50)],
    ],
    [ADD],
  );
  expect(shown(createTree(file).root)).toEqual([
    'everything',
    0,
    ['Calculator.add', 7, ['thrift-metrics', 1], ['helper', 2]],
  ]);
});

it('what V8 does beside the calls is below the root', () => {
  const file = heapOf([[6, frame('(garbage collector)', -1, '')]], []);
  expect(shown(createTree(file).root)).toEqual(['everything', 0, ['(garbage collector)', 6]]);
});

it('a function that runs as methods of several services has all their names', () => {
  const file = heapOf([[1, frame('add', 10)]], [ADD, { ...ADD, service: 'Sums' }, ADD]);
  expect(shown(createTree(file).root)[2]).toEqual(['Calculator.add or Sums.add', 1]);
});

it('a function that runs as many methods has the names of three of them', () => {
  const methods = Array.from({ length: 120 }, (_, i) => ({ ...ADD, method: `add${i}` }));
  const file = heapOf([[1, frame('add', 10)]], methods);
  expect(shown(createTree(file).root)[2]).toEqual([
    'Calculator.add0 or Calculator.add1 or Calculator.add2 or 117 more',
    1,
  ]);
});

it('an empty profile is an empty tree', () => {
  const file: ProfileFile = {
    nodes: [],
    startTime: 0,
    endTime: 0,
    thriftMetrics: notes('cpu'),
  };
  expect(createTree(file)).toMatchObject({ total: 0, idle: 0, root: { children: [] } });
});

it('the tables count a function that calls itself once, and sort methods by total and functions by self', () => {
  const helper = frame('helper', 50);
  const file = heapOf(
    [
      [5, frame('add', 10), helper, helper],
      [1, frame('add', 10), helper],
      [20, frame('mean', 20)],
      [2, frame('other', 60), helper],
    ],
    [ADD, MEAN],
  );
  const { methods, functions } = hottestOf(createTree(file).root, 2);
  expect(methods.map(({ name, self, total }) => [name, self, total])).toEqual([
    ['Calculator.mean', 20, 20],
    ['Calculator.add', 0, 6],
  ]);
  expect(functions.map(({ name, self, total }) => [name, self, total])).toEqual([
    ['Calculator.mean', 20, 20],
    ['helper', 8, 8],
  ]);
});
