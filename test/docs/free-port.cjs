// To be required before a program: its servers listen on free ports instead of the ones it names.
'use strict';
const { Server } = require('node:net');

const { listen } = Server.prototype;

Server.prototype.listen = function (options, ...others) {
  return listen.call(this, { ...options, port: 0 }, ...others);
};
