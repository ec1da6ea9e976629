import * as fc from 'fast-check';

import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  instrument,
  ThriftService,
  Timed,
  instrumentHandler,
} from '../../src/index';
import { applyLegacy, applyStandard, type Decorator } from './apply';
import type { Handler, Methods } from './run';
import { NotFound } from './specimens';

export const SERVICE = 'Transparent';

export type Metric = 'counted' | 'timed' | 'errorsCounted' | 'inFlight';

/** One way to add metrics to a handler. */
export interface Decoration {
  readonly way:
    | 'a stack'
    | 'Instrumented on the method'
    | 'Instrumented on the class'
    | 'instrumentHandler'
    | 'instrument';
  readonly dialect: 'legacy' | 'standard';
  /** In the order of the decorators on the method. */
  readonly metrics: readonly Metric[];
  /** Whether decorators without options are written without parentheses. */
  readonly bare: boolean;
  readonly serviceBy: 'decorator' | 'name of the class';
  readonly lists: boolean;
  readonly label: 'none' | 'constant' | 'of the call' | 'throws' | 'gives no label value';
  readonly failed: 'none' | 'always' | 'never' | 'by type' | 'throws' | 'gives a promise';
}

const ALL: readonly Metric[] = ['counted', 'timed', 'errorsCounted', 'inFlight'];

export const anyDecoration: fc.Arbitrary<Decoration> = fc.record({
  way: fc.constantFrom(
    'a stack' as const,
    'Instrumented on the method' as const,
    'Instrumented on the class' as const,
    'instrumentHandler' as const,
    'instrument' as const,
  ),
  dialect: fc.constantFrom('legacy' as const, 'standard' as const),
  metrics: fc.oneof(
    fc.shuffledSubarray([...ALL], { minLength: ALL.length }),
    fc.shuffledSubarray([...ALL], { minLength: 1 }),
  ),
  bare: fc.boolean(),
  serviceBy: fc.constantFrom('decorator' as const, 'name of the class' as const),
  lists: fc.boolean(),
  label: fc.constantFrom(
    'none' as const,
    'none' as const,
    'constant' as const,
    'of the call' as const,
    'throws' as const,
    'gives no label value' as const,
  ),
  failed: fc.constantFrom(
    'none' as const,
    'none' as const,
    'always' as const,
    'never' as const,
    'by type' as const,
    'throws' as const,
    'gives a promise' as const,
  ),
});

export const listed = [NotFound, TypeError];

/** The value of the label `who` on every series; undefined when there is no such label. */
export function expectedLabel({ label }: Decoration, method: string): string | undefined {
  if (label === 'none') return undefined;
  if (label === 'constant') return 'gold';
  return label === 'of the call' ? `${SERVICE}/${method}` : '_unknown';
}

/** The `thrift_exception_type` of a call with this result; undefined if the call does not count as failed. */
export function expectedFailure({ failed }: Decoration, result: unknown): string | undefined {
  if (failed === 'always') return 'result';
  return failed === 'by type' && typeof result !== 'object' ? typeof result : undefined;
}

export function plainHandler(methods: Methods): Handler {
  const { Target } = classOf(methods, []);
  return new Target() as Handler;
}

/** A handler to call, and the object that its methods get as their receiver. */
export interface Decorated {
  readonly handler: Handler;
  readonly receiver: object;
}

export function decoratedHandler(methods: Methods, decoration: Decoration): Decorated {
  const initializers: ((this: unknown) => void)[] = [];
  const { Target } = classOf(methods, initializers);
  if (decoration.way === 'instrumentHandler') {
    // A class instance takes the place of standard decorators, a plain object that of legacy ones.
    const handler = decoration.dialect === 'standard' ? new Target() : { ...methods };
    const options = { service: SERVICE, ...instrumentedOptions(decoration) };
    return {
      handler: instrumentHandler(handler as Handler, options as never),
      receiver: handler,
    };
  }
  if (decoration.way === 'instrument') {
    const options = { service: SERVICE, ...instrumentedOptions(decoration) };
    const entries = Object.entries(methods).map(([key, method]) => [
      key,
      instrument(method, { ...options, method: key }),
    ]);
    const handler = Object.fromEntries(entries) as Handler;
    return { handler, receiver: handler };
  }
  const applied = {
    methods: Object.fromEntries(Object.keys(methods).map((key) => [key, onMethod(decoration)])),
    toClass: onClass(decoration),
  };
  const Decorated =
    decoration.dialect === 'legacy'
      ? applyLegacy(Target, applied)
      : applyStandard(Target, applied, initializers);
  const handler = new Decorated() as Handler;
  return { handler, receiver: handler };
}

function classOf(methods: Methods, initializers: readonly ((this: unknown) => void)[]) {
  // oxlint-disable-next-line typescript/no-extraneous-class -- its methods come from the scenario
  class TransparentHandler {
    constructor() {
      for (const each of initializers) each.call(this);
    }
  }
  for (const [key, value] of Object.entries(methods)) {
    const flags = { writable: true, enumerable: false, configurable: true };
    Object.defineProperty(TransparentHandler.prototype, key, { value, ...flags });
  }
  return { Target: TransparentHandler };
}

function onMethod(decoration: Decoration): Decorator[] {
  if (decoration.way === 'Instrumented on the class') return [];
  if (decoration.way === 'Instrumented on the method') {
    return [written(Instrumented, instrumentedOptions(decoration), decoration)];
  }
  const decorators = {
    counted: Counted,
    timed: Timed,
    errorsCounted: ErrorsCounted,
    inFlight: InFlight,
  };
  return decoration.metrics.map((metric) =>
    written(decorators[metric], optionsOf(decoration, metric), decoration),
  );
}

function onClass(decoration: Decoration): Decorator[] {
  const name = decoration.serviceBy === 'decorator' ? [ThriftService(SERVICE) as Decorator] : [];
  if (decoration.way !== 'Instrumented on the class') return name;
  return [...name, written(Instrumented, instrumentedOptions(decoration), decoration)];
}

function instrumentedOptions(decoration: Decoration): object {
  const off = ALL.filter((metric) => !decoration.metrics.includes(metric));
  return {
    ...optionsOf(decoration, 'all'),
    ...Object.fromEntries(off.map((metric) => [metric, false])),
  };
}

function optionsOf({ label, lists, failed }: Decoration, metric: Metric | 'all'): object {
  return {
    ...(label !== 'none' && { labels: { who: labelValue(label) } }),
    ...((metric === 'errorsCounted' || metric === 'all') && lists && { exceptions: listed }),
    ...(metric !== 'counted' &&
      metric !== 'inFlight' &&
      failed !== 'none' && { failed: failedFunctions[failed] }),
  };
}

const failedFunctions: Record<
  Exclude<Decoration['failed'], 'none'>,
  (call: { result?: unknown }) => unknown
> = {
  always: () => true,
  never: () => false,
  'by type': ({ result }) => typeof result !== 'object' && typeof result,
  throws: () => {
    throw new Error('a fault of the function');
  },
  'gives a promise': () => Promise.reject(new Error('a fault of the function')),
};

function labelValue(label: Exclude<Decoration['label'], 'none'>): unknown {
  if (label === 'constant') return 'gold';
  if (label === 'throws') {
    return () => {
      throw new Error('a fault of the label function');
    };
  }
  if (label === 'gives no label value') return () => ({});
  return ({ service, method }: { service: string; method: string }) => `${service}/${method}`;
}

function written(decorator: Decorator, options: object, { bare }: Decoration): Decorator {
  if (Object.keys(options).length > 0) return decorator(options) as Decorator;
  return bare ? decorator : (decorator() as Decorator);
}
