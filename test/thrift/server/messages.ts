/** A call of `ping` in the binary protocol. */
export const PING = call('ping');

/** The answer of a server to `PING`. */
export const REPLY_TO_PING = message(2, 'ping', Buffer.from([0]));

export function call(name: string, args = Buffer.from([0]), type = 1): Buffer {
  return message(type, name, args);
}

function message(type: number, name: string, rest: Buffer): Buffer {
  return Buffer.concat([
    Buffer.from([0x80, 1, 0, type]),
    int32(name.length),
    Buffer.from(name),
    int32(0),
    rest,
  ]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value | 0);
  return bytes;
}

/** Adds the frame of the framed transport. */
export function framed(bytes: Buffer): Buffer {
  return Buffer.concat([int32(bytes.length), bytes]);
}
