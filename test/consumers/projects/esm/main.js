import { createRequire } from 'node:module';

import { register } from 'prom-client';
import { Thrift } from 'thrift';
import * as imported from 'thrift-metrics';
import {
  Counted,
  ErrorsCounted,
  ThriftService,
  renderMetrics,
  startMetricsServer,
} from 'thrift-metrics';

class NotFound extends Thrift.TException {}

// Standard decorators as a compiler calls them; `required` is the same package by the other way in.
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

const required = createRequire(import.meta.url)('thrift-metrics');
for (const handler of [define({ Counted, ErrorsCounted, ThriftService }), define(required)]) {
  try {
    handler.find();
  } catch (error) {
    if (!(error instanceof NotFound)) throw error;
  }
}

const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
const page = [];
for (const file of ['', '-/main.js', '-/page.css', '-/uplot.js', '-/uplot.css']) {
  const response = await fetch(`${server.url}/${file}`);
  await response.arrayBuffer();
  page.push([file, response.status]);
}
await server.close();

const { body } = await renderMetrics();
console.log(
  JSON.stringify({
    sameDecorator: required.Counted === Counted,
    names: Object.keys(required).filter((name) => !(name in imported)),
    text: body.toString(),
    requiredText: (await required.renderMetrics()).body.toString(),
    registryText: await register.metrics(),
    page,
  }),
);
