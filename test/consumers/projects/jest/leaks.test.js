'use strict';

test('the package is loaded and renders', async () => {
  const { instrumentHandler, renderMetrics } = require('thrift-metrics');
  await instrumentHandler({ add: async () => 1 }, { service: 'Calculator' }).add();
  await renderMetrics();
});
