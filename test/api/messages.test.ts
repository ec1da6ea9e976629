import { expect, test } from 'vitest';

import {
  Counted,
  ErrorsCounted,
  getDeclaredMetrics,
  InFlight,
  Instrumented,
  instrumentHandler,
  NotInstrumented,
  Objective,
  ThriftService,
  Timed,
} from '../../src/index';
import { errorOf } from '../support/error-of';

// What programs in JavaScript run into, and what types do not know. The compiler's messages are in test/dialects/misuses.ts.

type Decorator = (...args: unknown[]) => unknown;

const untyped = (decorator: unknown) => decorator as Decorator;

/** The message when a decorator, in the legacy dialect, is applied to a method, a field, an accessor or a class. */
function on(
  target: 'method' | 'field' | 'getter' | 'class',
  decorator: unknown,
  ...options: unknown[]
): string {
  class OrdersHandler {
    list() {}
    get size() {
      return 1;
    }
  }
  const { prototype } = OrdersHandler;
  const descriptor = (key: string) => Object.getOwnPropertyDescriptor(prototype, key);
  const places: Record<typeof target, unknown[]> = {
    method: [prototype, 'list', descriptor('list')],
    field: [prototype, 'total'],
    getter: [prototype, 'size', descriptor('size')],
    class: [OrdersHandler],
  };
  return errorOf(() => {
    const applied = options.length === 0 ? decorator : untyped(decorator)(...options);
    untyped(applied)(...places[target]);
  }).message;
}

test.each([
  [
    () => on('class', Counted),
    '@Counted cannot decorate a class (OrdersHandler). Put it on a method, or use @Instrumented to measure every method.',
  ],
  [
    () => on('class', Timed, {}),
    '@Timed cannot decorate a class (OrdersHandler). Put it on a method, or use @Instrumented to measure every method.',
  ],
  [
    () => on('class', NotInstrumented),
    '@NotInstrumented cannot decorate a class (OrdersHandler). Put it on a method, or remove @Instrumented from the class.',
  ],
  [
    () => on('field', InFlight),
    '@InFlight cannot decorate a field (OrdersHandler.total). Put it on a method.',
  ],
  [
    () => on('getter', Timed),
    '@Timed cannot decorate an accessor (OrdersHandler.size). Put it on a method.',
  ],
  [
    () => on('field', Instrumented),
    '@Instrumented cannot decorate a field (OrdersHandler.total). Put it on a method or on a class.',
  ],
  [
    () => on('method', ThriftService, 'Orders'),
    '@ThriftService cannot decorate OrdersHandler.list. Put it on a class.',
  ],
  [
    () => on('class', ThriftService),
    "@ThriftService on a class (OrdersHandler) needs the name of the service. Write @ThriftService('Calculator').",
  ],
  [
    () => on('class', ThriftService, 1),
    "@ThriftService: the name of the service is 1. Use a non-empty string, such as @ThriftService('Calculator').",
  ],
  [
    () => on('method', Objective),
    '@Objective on OrdersHandler.list needs options. Write @Objective({ availability: 0.999 }).',
  ],
  [
    () => on('method', Objective, {}),
    "@Objective on OrdersHandler.list: the objective promises nothing. Set 'availability', 'latency' or both, such as { availability: 0.999 }.",
  ],
  [
    () => on('method', Objective, { availability: 99.9 }),
    "@Objective on OrdersHandler.list: option 'availability' is 99.9. Expected a number above 0 and below 1, such as 0.999; 99.9 % is 0.999.",
  ],
  [
    () => on('class', Objective, { availability: 0 }),
    "@Objective on OrdersHandler: option 'availability' is 0. Expected a number above 0 and below 1, such as 0.999.",
  ],
  [
    () => on('method', Timed, { bucket: [1] }),
    "@Timed on OrdersHandler.list: option 'bucket' is unknown. Did you mean 'buckets'? Allowed options: name, help, labels, buckets, quantiles, native, failed.",
  ],
  [
    () => on('method', Timed, { buckets: [2, 1] }),
    '@Timed on OrdersHandler.list: the buckets are [2, 1]. Expected at least one finite number, in seconds and in ascending order; +Inf is added.',
  ],
  [
    () => on('class', Instrumented, { buckets: [2, 1], timed: false }),
    '@Instrumented on OrdersHandler: the buckets are [2, 1]. Expected at least one finite number, in seconds and in ascending order; +Inf is added.',
  ],
  [
    () => on('class', Instrumented, { labels: { thrift_success: 'yes' } }),
    "@Instrumented on OrdersHandler: timed: label 'thrift_success' is set by the metric itself. Choose a name other than thrift_service, thrift_method, thrift_success, le, quantile.",
  ],
  [
    () => on('class', Objective, { latency: { target: 0.99 } }),
    "@Objective on OrdersHandler: latency: option 'within' is null. Expected a number of seconds above 0.",
  ],
  [
    () => on('method', Timed, { buckets: [1], quantiles: [0.5] }),
    "@Timed on OrdersHandler.list: options 'buckets' and 'quantiles' exclude each other, because a histogram has buckets and a summary has quantiles. Remove one of them.",
  ],
  [
    () => on('method', Counted, 5),
    '@Counted on OrdersHandler.list: the options are 5. Expected an object.',
  ],
  [
    () => on('method', Counted, 'orders_total', 'Orders'),
    "@Counted: the options after the name are 'Orders'. Expected an object.",
  ],
  [
    () => on('method', Counted, { help: 'Orders' }, 'orders_total'),
    "@Counted takes the name before the options. Write @Counted('orders_total', { … }).",
  ],
  [
    () => on('method', Counted, 'orders_total', { name: 'calls_total' }),
    "@Counted: the name is given twice, as 'orders_total' and in the options. Remove one of them.",
  ],
  [
    () => on('method', Counted, { labels: { tier: 1 } }),
    "@Counted on OrdersHandler.list: label 'tier' is 1. Expected a string, or a function that returns one for a call.",
  ],
  [
    () => on('method', Counted, { labels: { 'a-b': 'x' } }),
    "@Counted on OrdersHandler.list: label name 'a-b' is invalid. Use letters, digits and '_', and begin with neither a digit nor '__'.",
  ],
  [
    () => on('method', ErrorsCounted, { exceptions: Error }),
    "@ErrorsCounted on OrdersHandler.list: option 'exceptions' is function Error. Expected a list of exception classes, such as [InvalidOperation].",
  ],
  [
    () => on('method', ErrorsCounted, { exceptions: [new Error('an instance')] }),
    "@ErrorsCounted on OrdersHandler.list: option 'exceptions' contains an object, which is not a class. List the class, not an instance.",
  ],
  [
    () => on('method', ErrorsCounted, { exceptions: [undefined] }),
    "@ErrorsCounted on OrdersHandler.list: option 'exceptions' contains undefined, which is not a class. Check its import, and that modules do not import each other.",
  ],
  [
    () => on('class', Instrumented, { timed: true }),
    "@Instrumented on OrdersHandler: option 'timed' is true. Expected an object of options, or false to leave the metric out.",
  ],
  [
    () => on('class', Instrumented, 'Orders'),
    "@Instrumented: the options are 'Orders'. Expected an object. To name the service, write @Instrumented({ service: 'Orders' }) on the class.",
  ],
  [
    () => on('method', Instrumented, { service: 'Orders' }),
    "@Instrumented on OrdersHandler.list: option 'service' names the service of a class. Put it on the class, or use @ThriftService there.",
  ],
  [
    () => errorOf(() => instrumentHandler('Orders' as never)).message,
    "instrumentHandler: the handler is 'Orders'. Expected an object whose functions are the methods of a service.",
  ],
  [
    () => errorOf(() => getDeclaredMetrics(1 as never)).message,
    'getDeclaredMetrics: the handler is 1. Expected a handler class or a handler.',
  ],
])('a misuse says what is wrong and what to do: %#', (misuse, message) => {
  expect(misuse()).toBe(message);
});
