import { createRequire } from 'node:module';

import { Thrift } from 'thrift';
import { Counted, ErrorsCounted, ThriftService } from 'thrift-metrics';

export class NotFound extends Thrift.TException {}

// Calls standard decorators as a compiler does. `required` is the same package, loaded by `require`.
function decorate(Class, key, decorator) {
  const initializers = [];
  const context = {
    kind: 'method',
    name: key,
    static: false,
    private: false,
    access: { has: (object) => key in object, get: (object) => object[key] },
    addInitializer: (each) => initializers.push(each),
  };
  const value = decorator(Class.prototype[key], context) ?? Class.prototype[key];
  Object.defineProperty(Class.prototype, key, { value });
  return initializers;
}

function define(library) {
  class LookupHandler {
    find() {
      throw new NotFound('no such thing');
    }
  }
  decorate(LookupHandler, 'find', library.ErrorsCounted);
  decorate(LookupHandler, 'find', library.Counted());
  library.ThriftService('Lookup')(LookupHandler, { kind: 'class', addInitializer() {} });
  return new LookupHandler();
}

export const required = createRequire(import.meta.url)('thrift-metrics');
export const handlers = [define({ Counted, ErrorsCounted, ThriftService }), define(required)];
