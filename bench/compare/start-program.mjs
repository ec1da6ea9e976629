import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { PYTHON_PROGRAM } from '../../scripts/ensure-programs.mjs';
import { PYTHONPATH } from './install.mjs';

/** Starts a Node.js program that talks over IPC, or a Python program that talks in lines. Its first message is `ready`. */
export async function startProgram(file, args) {
  const isPython = file.endsWith('.py');
  const child = spawn(isPython ? PYTHON_PROGRAM : process.execPath, [file, ...args], {
    stdio: isPython ? ['pipe', 'pipe', 'inherit'] : ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, METRICS_PORT: '0', NODE_ENV: 'production', PYTHONPATH },
  });
  // Without this, a program that exits silently would block the benchmark forever.
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`${file} ended with ${code}`);
  });
  ended.catch(() => {});
  const lines = isPython ? createInterface({ input: child.stdout })[Symbol.asyncIterator]() : null;
  const says = async () => {
    if (lines === null) return (await once(child, 'message'))[0];
    const { value } = await lines.next();
    return JSON.parse(/^[\d{]/.test(value) ? value : `"${value}"`);
  };
  const next = () => Promise.race([says(), ended]);
  const ready = await next();
  return {
    ready,
    ask() {
      const answer = next();
      if (isPython) child.stdin.write('\n');
      else child.send('');
      return answer;
    },
    async stop() {
      child.kill('SIGKILL');
      await ended.catch(() => {});
    },
  };
}
