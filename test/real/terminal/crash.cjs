// Throws in the middle of the live view, after it has taken the terminal, at its second drawing.
const { stdout } = process;
const write = stdout.write.bind(stdout);
let frames = 0;
stdout.write = (text, ...rest) => {
  if (typeof text === 'string' && text.startsWith('\x1b[H') && ++frames === 2) {
    throw new Error('crash');
  }
  return write(text, ...rest);
};
