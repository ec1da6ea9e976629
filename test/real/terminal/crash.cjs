// A fault in the middle of the live view: once it has the terminal, and has drawn twice.
const { stdout } = process;
const write = stdout.write.bind(stdout);
let frames = 0;
stdout.write = (text, ...rest) => {
  if (typeof text === 'string' && text.startsWith('\x1b[H') && ++frames === 2) {
    throw new Error('crash');
  }
  return write(text, ...rest);
};
