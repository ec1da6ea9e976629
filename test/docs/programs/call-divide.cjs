// node --import tsx call-divide.cjs <module> …: loads modules, calls the handler of the last one, and prints the registry.
'use strict';
const { resolve } = require('node:path');
const { register } = require('prom-client');

const modules = process.argv.slice(2).map((path) => require(resolve(path)));

async function main() {
  const handler = new (modules.at(-1).CalculatorHandler)();
  await handler.divide(6, 3);
  await handler.divide(6, 2);
  await handler.divide(1, 0).catch(() => {});
  console.log(await register.metrics());
}

void main();
