// node series.mjs <compiled series> <port> <count>: serves that many histogram series. Answers each message with the CPU time
// used since the last one and the longest block of the event loop, in milliseconds.
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
