// shop-server.mjs bare|instrumented: serves 60 methods on a free port. Answers each message with the CPU time used since the
// one before, in microseconds.
import { createRequire } from 'node:module';
import thrift from 'thrift';
import { instrumentHandler, instrumentServer, instrumentService } from 'thrift-metrics';

import { ShopHandler } from '../service/shop-handler.mjs';

const Shop = createRequire(import.meta.url)('../service/gen-nodejs/Shop.js');

const SERVERS = {
  bare: () => thrift.createServer(Shop, new ShopHandler()),
  instrumented: () =>
    instrumentServer(
      thrift.createServer(
        instrumentService(Shop),
        instrumentHandler(new ShopHandler(), { service: 'Shop' }),
      ),
    ),
};

const server = SERVERS[process.argv[2]]();
server.on('error', () => {});
server.listen(0, '127.0.0.1', () => process.send(server.address().port));

let used = process.cpuUsage();
process.on('message', () => {
  const { user, system } = process.cpuUsage(used);
  used = process.cpuUsage();
  process.send(user + system);
});
