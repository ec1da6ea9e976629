'use strict';
// Loads the modules that the arguments name, in their order. The last one is the client library of the program.
const names = process.argv.slice(2);
const modules = names.map((name) => require(name));

setImmediate(() => require('./handlers').report(modules.at(-1)));
