'use strict';

module.exports = require('prom-client');
