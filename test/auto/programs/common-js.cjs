const thrift = require('thrift');
const { run } = require('./run.cjs');

void run(thrift);
