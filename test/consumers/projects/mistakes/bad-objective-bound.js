'use strict';
const { Instrumented, Objective } = require('thrift-metrics');
const { decorate } = require('./decorate');

class LookupHandler {
  find() {}
}
const objective = Objective({ latency: { target: 0.99, within: 0.3 }, window: '30d' });
decorate([Instrumented, objective], LookupHandler);
