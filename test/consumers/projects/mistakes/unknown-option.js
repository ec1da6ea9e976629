'use strict';
const { configureMetrics } = require('thrift-metrics');

configureMetrics({ defaultLabel: { env: 'prod' } });
