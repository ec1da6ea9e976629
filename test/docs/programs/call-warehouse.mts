// Calls the handler in the module of the first argument, and prints the handler metrics.
import { pathToFileURL } from 'node:url';

import { renderMetrics } from 'thrift-metrics';

interface Warehouse {
  query(statement: string): Promise<unknown>;
}

const { WarehouseHandler } = (await import(pathToFileURL(process.argv[2] ?? '').href)) as {
  WarehouseHandler: new () => Warehouse;
};
const handler = new WarehouseHandler();
await handler.query('SELECT 1');
await handler.query('SELEC 1');
console.log((await renderMetrics()).body.toString());
