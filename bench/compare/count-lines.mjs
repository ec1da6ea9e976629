import { readFileSync } from 'node:fs';

const HERE = new URL('user-code/', import.meta.url);

/** Counts the lines of code that a contender adds to the bare handler, for its two methods and the endpoint. */
export function countLines({ code }) {
  const bare = code.endsWith('.py') ? 'bare.py' : 'bare.ts';
  return linesOf(code) - linesOf(bare);
}

function linesOf(file) {
  const text = readFileSync(new URL(file, HERE), 'utf8');
  return text.split('\n').filter((line) => line.trim() !== '' && !/^\s*(?:\/\/|#)/.test(line))
    .length;
}
