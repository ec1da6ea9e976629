// An application with a copy of the package of its own: node app.cjs <copy> [measured] [server].
const thrift = require('thrift');
const { handler, run } = require('../../auto/programs/run.cjs');

const [copy, ...features] = process.argv.slice(2);
const { instrumentHandler, startMetricsServer } = require(copy);

async function main() {
  const isMeasured = features.includes('measured');
  await run(
    thrift,
    isMeasured ? instrumentHandler({ ...handler }, { service: 'Calculator' }) : handler,
  );
  if (!features.includes('server')) return;
  const { url } = await startMetricsServer({ port: Number(process.env.THRIFT_METRICS_PORT) });
  console.error(`own server: ${url}`);
}

void main();
