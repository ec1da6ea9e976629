// The bytes of `add(1, 2)` and of its answer, as buffered binary Thrift writes them. No Thrift library is used, so that the
// peer of a measured server or client costs as little as possible.
import net from 'node:net';

const header = (type) => [0x80, 1, 0, type, 0, 0, 0, 3, ...Buffer.from('add'), 0, 0, 0, 1];
const i32 = (field, value) => [8, 0, field, 0, 0, 0, value];
const REQUEST = Buffer.from([...header(1), ...i32(1, 1), ...i32(2, 2), 0]);
const REPLY = Buffer.from([...header(2), ...i32(0, 3), 0]);
const SEQID = 11;

/** Counts the requests that a server answers within `milliseconds`, with one request in progress per connection. */
export async function load(port, connections, milliseconds) {
  let answered = 0;
  let running = true;
  const sockets = await Promise.all(
    Array.from(
      { length: connections },
      () =>
        new Promise((resolve, reject) => {
          const socket = net.connect(port, '127.0.0.1', () => resolve(socket));
          socket.setNoDelay().once('error', reject);
        }),
    ),
  );
  for (const socket of sockets) {
    let received = 0;
    socket.on('data', ({ length }) => {
      received += length;
      if (received < REPLY.length) return;
      received -= REPLY.length;
      answered++;
      if (running) socket.write(REQUEST);
    });
    socket.write(REQUEST);
  }
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  running = false;
  const total = answered;
  for (const socket of sockets) socket.destroy();
  return total;
}

/** Starts a server that answers each request immediately. */
export function serve() {
  const server = net.createServer((socket) => {
    let rest = Buffer.alloc(0);
    socket.setNoDelay().on('data', (data) => {
      const all = rest.length === 0 ? data : Buffer.concat([rest, data]);
      const count = Math.floor(all.length / REQUEST.length);
      const replies = Buffer.alloc(count * REPLY.length);
      for (let i = 0; i < count; i++) {
        REPLY.copy(replies, i * REPLY.length);
        all.copy(
          replies,
          i * REPLY.length + SEQID,
          i * REQUEST.length + SEQID,
          i * REQUEST.length + SEQID + 4,
        );
      }
      rest = all.subarray(count * REQUEST.length);
      socket.write(replies);
    });
    socket.on('error', () => {});
  });
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve({ server, port: server.address().port })),
  );
}
