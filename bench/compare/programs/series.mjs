// node series.mjs <compiled series> <port> <count>: serves so many histogram series, and tells for each message how much of
// the processor it has used since the last one, and for how long the event loop was kept from others, in milliseconds.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const [, , module, port, count] = process.argv;
const { serve } = await import(module);
await serve(Number(port), Number(count));

const delay = monitorEventLoopDelay({ resolution: 1 });
delay.enable();
let cpu = process.cpuUsage();

process.on('message', () => {
  const { user, system } = process.cpuUsage(cpu);
  process.send({ cpu: (user + system) / 1000, block: delay.max / 1e6 });
  cpu = process.cpuUsage();
  delay.reset();
});
process.send('ready');
