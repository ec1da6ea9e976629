import { expect, it } from 'vitest';

import { partsOf } from '../../../../src/tools/page/browser/name-parts';

it.each([
  ['getPaymentMethod', ['get', 'Payment', 'Method']],
  ['get_payment-method', ['get_', 'payment-', 'method']],
  ['shop.v2Orders.', ['shop.', 'v2', 'Orders.']],
  ['HTTPServer', ['HTTPServer']],
  ['__init__', ['__', 'init__']],
  ['', ['']],
])('the name %s breaks into %j', (name, parts) => {
  expect(partsOf(name)).toEqual(parts);
});
