'use strict';
const { Counter } = require('prom-client');
const { Counted } = require('thrift-metrics');
const { decorate } = require('./decorate');

new Counter({ name: 'thrift_server_requests_total', help: 'Requests.' });

class LookupHandler {
  find() {}
}
decorate([Counted], LookupHandler, 'find');
