// node features.mjs <compiled user code>, with METRICS_PORT: reports which features the endpoint shows before the first call
// and after a failed one.
const { CalculatorHandler } = await import(process.argv[2]);
const handler = new CalculatorHandler();

const scrape = async () =>
  (await (await fetch(`http://localhost:${process.env.METRICS_PORT}/metrics`)).text()).split('\n');

const before = await scrape();
await handler.divide(1, 0).catch(() => {});
const after = await scrape();
const about = (lines, ...parts) =>
  lines.filter((line) => !line.startsWith('#') && parts.every((part) => line.includes(part)));
console.log(
  JSON.stringify({
    'calls at 0 before first call': about(before, '_total{', 'divide').some((line) =>
      / 0(?: \d+)?$/.test(line),
    ),
    'errors at 0 before first call': about(before, 'divide').some(
      (line) => /error|"false"/i.test(line) && / 0(?: \d+)?$/.test(line),
    ),
    'errors by type': about(after, 'divide', 'RangeError').length > 0,
    'calls in progress': after.some((line) =>
      /^# TYPE .*(?:active|concurrent).* gauge$/.test(line),
    ),
  }),
);
process.exit();
