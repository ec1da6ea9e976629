// Preloaded with --require: servers of the program listen on free ports instead of the ports they name.
'use strict';
const { Server } = require('node:net');

const { listen } = Server.prototype;

Server.prototype.listen = function (options, ...others) {
  return listen.call(this, { ...options, port: 0 }, ...others);
};
