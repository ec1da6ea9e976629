// The handler of a service of 60 methods, which keeps its records in memory. Each method is async and has the arity of the IDL.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const types = require('./gen-nodejs/shop_types.js');

/** The kinds of records, each with its plural. */
export const KINDS = {
  Customer: 'Customers',
  Address: 'Addresses',
  Product: 'Products',
  Stock: 'Stocks',
  Basket: 'Baskets',
  Order: 'Orders',
  Payment: 'Payments',
  Shipment: 'Shipments',
  Coupon: 'Coupons',
  Review: 'Reviews',
};

export class ShopHandler {}

for (const [kind, kinds] of Object.entries(KINDS)) {
  const methods = methodsOf(kind, kinds, new Map());
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(ShopHandler.prototype, name, {
      value,
      writable: true,
      configurable: true,
    });
  }
}

function methodsOf(kind, kinds, records) {
  let last = 0;
  const find = (id) => {
    const record = records.get(Number(id));
    if (record === undefined) throw new types.NotFound({ id });
    return record;
  };
  return {
    async [`create${kind}`](record) {
      last++;
      record.id = last;
      records.set(last, record);
      return last;
    },
    async [`get${kind}`](id) {
      return find(id);
    },
    async [`list${kinds}`](first, count) {
      return [...records.values()].slice(first, first + count);
    },
    async [`update${kind}`](record) {
      find(record.id);
      records.set(Number(record.id), record);
    },
    async [`count${kinds}`]() {
      return records.size;
    },
    async [`remove${kind}`](id) {
      find(id);
      records.delete(Number(id));
    },
  };
}
