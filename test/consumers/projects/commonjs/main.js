'use strict';
const { instrumentHandler, renderMetrics } = require('thrift-metrics');
const { createPrometheusRules } = require('thrift-metrics/dashboards');
const { Lookup } = require('./lookup');

// The peer is optional, so none of it may be loaded before the program itself loads it.
const thriftLoaded = Object.keys(require.cache).some((file) =>
  /node_modules.thrift[/\\]/.test(file),
);
const { Thrift } = require('thrift');

class NotFound extends Thrift.TException {}

async function main() {
  const lookup = new Lookup();
  const found = await lookup.find('known');
  const plain = instrumentHandler(
    {
      fail() {
        throw new NotFound('no such thing');
      },
    },
    { service: 'Plain' },
  );
  let error;
  try {
    plain.fail();
  } catch (thrown) {
    error = thrown;
  }
  const imported = await import('thrift-metrics');
  console.log(
    JSON.stringify({
      found,
      sameError: error instanceof NotFound,
      thriftLoaded,
      sameRender: imported.renderMetrics === renderMetrics,
      metadata: Reflect.getMetadata('design:returntype', Lookup.prototype, 'find').name,
      rules: JSON.stringify(createPrometheusRules()),
      text: (await renderMetrics()).body.toString(),
    }),
  );
}

void main();
