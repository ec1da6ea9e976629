'use strict';
const { Counted } = require('thrift-metrics');
const { decorate } = require('./decorate');

class LookupHandler {
  find() {}
}
decorate([Counted, Counted], LookupHandler, 'find');
