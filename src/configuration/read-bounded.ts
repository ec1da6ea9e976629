import fs = require('node:fs');

/**
 * Reads a file of limited size. Anything else than a regular file is refused, because a pipe or a device could block the
 * process, or never end.
 *
 * @throws Error that completes the sentence "The file …"
 */
export function readBounded(path: string, limit: number): Buffer {
  let descriptor: number;
  try {
    // Without O_NONBLOCK, opening a pipe waits for a writer.
    descriptor = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
  } catch (error) {
    throw unreadable(error);
  }
  try {
    const stats = fs.fstatSync(descriptor);
    if (stats.isDirectory()) throw new Error('is a directory. Name a file in it.');
    if (!stats.isFile()) throw new Error('is not a regular file. Name a regular file.');
    const buffer = Buffer.alloc(limit + 1);
    let length = 0;
    for (;;) {
      const read = fs.readSync(descriptor, buffer, length, buffer.length - length, null);
      length += read;
      if (length > limit) throw new Error(`holds more than ${limit / 1024} kB. Make it smaller.`);
      if (read === 0) return buffer.subarray(0, length);
    }
  } catch (error) {
    throw 'code' in (error as Error) ? unreadable(error) : error;
  } finally {
    fs.closeSync(descriptor);
  }
}

function unreadable(error: unknown): Error {
  const { code } = error as NodeJS.ErrnoException;
  const reason =
    code === 'ENOENT'
      ? 'does not exist'
      : code === 'EACCES'
        ? 'may not be read by this process (EACCES)'
        : `cannot be read (${String(code)})`;
  return new Error(`${reason}. Correct its path, or its permissions.`);
}

/**
 * Decodes UTF-8, with or without a byte order mark.
 *
 * @throws Error that completes the sentence "The file …"
 */
export function decodeText(bytes: Buffer): string {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new Error('is not UTF-8 text. Save it as UTF-8.');
  }
  if (text.includes('\0'))
    throw new Error('contains a NUL byte, so it is not text. Save it as UTF-8.');
  return text;
}
