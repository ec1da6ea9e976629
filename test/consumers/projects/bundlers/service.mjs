import { instrumentHandler, startMetricsServer } from 'thrift-metrics';

class OrdersHandler {
  async add(left, right) {
    return left + right;
  }
}

const handler = instrumentHandler(new OrdersHandler(), { service: 'Orders' });

async function main() {
  await handler.add(1, 2);
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  const read = async (path) => {
    const response = await fetch(server.url + path);
    return { status: response.status, text: await response.text() };
  };
  const [metrics, page, script] = [
    await read('/metrics'),
    await read('/'),
    await read('/-/main.js'),
  ];
  console.log(JSON.stringify({ metrics, page, script: script.status }));
  await server.close();
}

void main();
