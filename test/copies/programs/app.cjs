// An application with a copy of the package of its own: node app.cjs <copy> <bare|decorated|server>.
const thrift = require('thrift');
const { handler, run } = require('../../auto/programs/run.cjs');

const [copy, kind] = process.argv.slice(2);
const { instrumentHandler, startMetricsServer } = require(copy);

async function main() {
  const served =
    kind === 'decorated' ? instrumentHandler({ ...handler }, { service: 'Calculator' }) : handler;
  await run(thrift, served);
  if (kind === 'server')
    console.error(`own server: ${(await startMetricsServer({ port: 0 })).url}`);
}

void main();
