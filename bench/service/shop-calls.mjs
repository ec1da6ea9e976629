import { createRequire } from 'node:module';

import { KINDS } from './shop-handler.mjs';

const types = createRequire(import.meta.url)('./gen-nodejs/shop_types.js');

const lines = () => [
  new types.Line({ product: 1, quantity: 2, price: 9.99 }),
  new types.Line({ product: 2, quantity: 1, price: 24.5 }),
];

/** Creates a record of each kind, with values as a shop has them. */
const RECORDS = {
  Customer: { name: 'Ada Lovelace', email: 'ada@example.com', isActive: true, createdAt: 17e11 },
  Address: {
    customer: 1,
    street: '12 St James Square',
    city: 'London',
    postalCode: 'SW1Y 4JH',
    country: 'GB',
  },
  Product: {
    title: 'A lamp',
    description: 'A lamp for a desk, with a switch.',
    price: 24.5,
    tags: ['light', 'desk', 'new'],
  },
  Stock: { product: 1, available: 12, reserved: 3 },
  Basket: { customer: 1, lines: lines(), changedAt: 17e11 },
  Order: { customer: 1, lines: lines(), total: 44.48, status: 2 },
  Payment: { order: 1, amount: 44.48, currency: 'EUR', reference: 'R-1042-77' },
  Shipment: { order: 1, carrier: 'Post', trackingNumber: '00340434161094042557', sentAt: 17e11 },
  Coupon: { code: 'SPRING', percent: 10, validUntil: 18e11 },
  Review: { product: 1, customer: 1, stars: 5, text: 'Bright enough to read by.' },
};

/** Calls all 60 methods one after the other, again and again. The generator yields the promise of each call, and takes its result. */
export function* callsOf(client) {
  for (;;) {
    for (const [kind, kinds] of Object.entries(KINDS)) {
      const record = new types[kind](RECORDS[kind]);
      const id = yield client[`create${kind}`](record);
      yield client[`get${kind}`](id);
      yield client[`list${kinds}`](0, 5);
      record.id = id;
      yield client[`update${kind}`](record);
      yield client[`count${kinds}`]();
      yield client[`remove${kind}`](id);
    }
  }
}
