// Serves and calls the library service in one of the ways to measure it, and prints as JSON what the client got and what was
// counted. It is copied into a folder with the generated code and the packages that it needs.
const thrift = require('thrift');

const [, , entry, mode, protocolName, transportName] = process.argv;
const api = mode === 'bare' ? null : require(entry);
const Library = require('./generated/Library.js');
const { Refused } = require('./generated/library_types.js');

class LibraryHandler {
  async ping() {}
  async count() {
    return 7;
  }
  async twice(number) {
    if (number < 0) throw new Refused({ why: 'negative' });
    return 2 * number;
  }
  divide(left, right, result) {
    if (right === 0) result(new Error('division by 0'));
    else result(null, left / right);
  }
  note(text) {
    noted(text);
  }
}

let noted;
const wasNoted = new Promise((resolve) => (noted = resolve));
const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));

void main();

async function main() {
  const options = {
    protocol: thrift[protocolName],
    transport: thrift[transportName],
    max_attempts: 1,
  };
  const handler =
    mode === 'decorators'
      ? new (api.Instrumented(LibraryHandler) ?? LibraryHandler)()
      : new LibraryHandler();
  const service = mode === 'functions' ? api.instrumentService(Library) : Library;
  const served =
    mode === 'functions' ? api.instrumentHandler(handler, { service: 'Library' }) : handler;
  let server = thrift.createServer(service, served, options);
  if (mode === 'functions') server = api.instrumentServer(server);
  server.on('error', (error) => console.error(error));
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const connection = thrift.createConnection('127.0.0.1', server.address().port, options);
  connection.on('error', (error) => console.error(error));
  await new Promise((resolve) => connection.once('connect', resolve));
  const client = thrift.createClient(Library, connection);
  if (mode === 'functions') api.instrumentClient(client, { name: 'Library', connection });

  const outcomes = [
    await outcomeOf(() => client.ping()),
    await outcomeOf(() => client.count()),
    await outcomeOf(() => client.twice(4)),
    await outcomeOf(() => client.twice(-1)),
    await outcomeOf(() => client.divide(8, 2)),
    await outcomeOf(() => client.divide(8, 0)),
    ...(await Promise.all([1, 2, 3].map((number) => outcomeOf(() => client.twice(number))))),
  ];
  void client.note('seen');
  outcomes.push(await wasNoted);
  const counts = api === null ? null : countsIn(String((await api.renderMetrics()).body));
  process.stdout.write(`${JSON.stringify({ outcomes, unhandled, counts })}\n`, () =>
    process.exit(),
  );
}

async function outcomeOf(call) {
  try {
    return { value: (await call()) ?? null };
  } catch (error) {
    return {
      error: error.constructor.name,
      name: error.name,
      message: error.message,
      why: error.why,
    };
  }
}

/** The counters that are not 0, by name and method. */
function countsIn(text) {
  const counts = {};
  for (const line of text.split('\n')) {
    const [, name, labels = '', value] =
      /^(thrift_(?:server|client)_(?:requests|messages|failed_requests|connections|protocol_errors)_total)(?:\{(.*)\})? (\d+)$/.exec(
        line,
      ) ?? [];
    if (name === undefined || value === '0') continue;
    const [, method = ''] = /thrift_method="(\w+)"/.exec(labels) ?? [];
    const [, kind = ''] = /thrift_exception_kind="(\w+)"/.exec(labels) ?? [];
    const key = [name, method, kind].filter((part) => part !== '').join(' ');
    counts[key] = (counts[key] ?? 0) + Number(value);
  }
  return counts;
}
