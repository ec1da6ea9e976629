'use strict';
const { Counted } = require('thrift-metrics');
const { decorate } = require('./decorate');

class LookupHandler {
  find() {}
}
decorate([Counted({ labels: { 'cache-tier': 'gold' } })], LookupHandler, 'find');
