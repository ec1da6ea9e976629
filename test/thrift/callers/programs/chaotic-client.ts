// Calls a service until it is killed, over connections that the server destroys. The name of the caller comes from the
// environment. Every request says which process has sent it, so that the handler knows.
import { configureMetrics, instrumentClient } from '../../../../src/index';
import { thrift, type Service } from '../../../support/start-thrift';

// oxlint-disable-next-line typescript/no-explicit-any -- functions that @types/thrift does not know
const library = thrift as any;
const Library = require('../../gen-nodejs/Library.js') as Service;

const [port, index] = process.argv.slice(2).map(Number) as [number, number];

/** Calls that one connection has under way. */
const CONCURRENT = 8;

thrift.setLogFunc?.(() => {});
configureMetrics({ callers: true });

interface Client {
  twice(number: number): Promise<number>;
  note(text: string): Promise<void>;
}

let calls = 0;

function connect(): void {
  const connection = library.createConnection('127.0.0.1', port, {});
  const client = instrumentClient(library.createClient(Library, connection) as Client);
  let isOpen = true;
  const reconnect = (): void => {
    if (isOpen) setImmediate(connect);
    isOpen = false;
  };
  connection.on('error', reconnect).on('close', reconnect);
  const call = (): void => {
    if (!isOpen) return;
    calls++;
    const made = calls % 5 === 0 ? client.note(String(index)) : client.twice(10 * calls + index);
    made.then(call, call);
  };
  connection.on('connect', () => {
    for (let i = 0; i < CONCURRENT; i++) call();
  });
}

connect();
connect();
