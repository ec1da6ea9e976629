import { describe, expect, test } from 'vitest';

import {
  Instrumented,
  instrumentHandler,
  resetMetrics,
  ThriftService,
  type ClassDecoration,
  type MethodDecoration,
} from '../../src/index';
import { converse, type Answer, type Transcript } from './conversation';
import { countsOf, type Counts } from './handler-counts';
import { loadOutputs, type Call, type Generated, type Method, type Types } from './generated';

/** What the handler class of a case is built with. */
export interface Material {
  readonly onClass: ClassDecoration;
  readonly onMethod: MethodDecoration;
  readonly types: Types;
  /** Must be called just before the handler ends. */
  readonly ending: () => void;
}

/** What the client and the server's program see of the call. */
export interface Visible {
  answer: Answer;
  connection?: Transcript['connection'];
  serverErrors?: Transcript['serverErrors'];
  unhandled?: Transcript['unhandled'];
  bytes?: string;
}

/** One way to write a handler, and one call of it. */
export interface Case {
  readonly title: string;
  /** @default 'divide' */
  readonly method?: Method;
  readonly args?: (types: Types) => unknown[];
  readonly handler: (material: Material) => object;
  /** Left out where outputs of the compiler differ: an instrumented handler is compared with a plain one in any case. */
  readonly seen?: Visible;
  readonly counts: Counts;
}

const nothing = (() => {}) as unknown as MethodDecoration & ClassDecoration;
const undecorated = { onClass: nothing, onMethod: nothing };
const same = (handler: object): object => handler;

const ways: [string, { onClass: ClassDecoration; onMethod: MethodDecoration }, typeof same][] = [
  [
    'a decorator on the method',
    { onClass: ThriftService('Library'), onMethod: Instrumented },
    same,
  ],
  [
    'a decorator on the class',
    { onClass: Instrumented({ service: 'Library' }), onMethod: nothing },
    same,
  ],
  [
    'instrumentHandler on a plain object',
    undecorated,
    (handler) => instrumentHandler(plainObject(handler), { service: 'Library' }),
  ],
];

/** Tests that an instrumented handler differs from a plain one only in its counts. */
export function testSideBySide(
  cases: readonly Case[],
  outputs: readonly Generated[] = loadOutputs(),
): void {
  for (const generated of outputs) {
    for (const each of cases) {
      describe(`${generated.style}: ${each.title}`, () => {
        test.each(ways)('with %s', async (_, decorators, finish) => {
          resetMetrics();
          const plain = await play(generated, each, undecorated, same);
          if (each.seen !== undefined) expect(plain).toMatchObject(expected(each.seen));
          const measured = await play(generated, each, decorators, finish);
          expect(measured).toEqual(plain);
          expect(await countsOf(each.method ?? 'divide')).toEqual(each.counts);
        });
      });
    }
  }
}

function play(
  generated: Generated,
  { method = 'divide', args = () => [6, 3], handler }: Case,
  decorators: { onClass: ClassDecoration; onMethod: MethodDecoration },
  finish: typeof same,
): Promise<Transcript> {
  const { types } = generated;
  return converse(
    generated,
    (ending) => finish(handler({ ...decorators, types, ending })),
    (call: Call) => call(method, ...args(types)),
  );
}

function expected(visible: Visible): Partial<Transcript> {
  return { connection: 'open', serverErrors: [], unhandled: [], handledLate: 0, ...visible };
}

/** A plain object with the methods of a class instance. */
function plainObject(handler: object): object {
  const object: Record<PropertyKey, unknown> = {};
  for (const source of [
    Object.getPrototypeOf(Object.getPrototypeOf(handler)),
    Object.getPrototypeOf(handler),
    handler,
  ] as object[]) {
    for (const key of Reflect.ownKeys(source)) {
      if (key !== 'constructor') object[key] = (source as Record<PropertyKey, unknown>)[key];
    }
  }
  return object;
}
