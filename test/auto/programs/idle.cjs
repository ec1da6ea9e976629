// A program that loads Thrift but does not use it, beside an HTTP server of its own.
const { createServer } = require('node:http');
const { createConnection } = require('thrift');

createServer().listen(0, () => console.log(typeof createConnection));
