import { instrumentClient } from '../../src/index';
import { Answers, Library } from '../thrift/client/library';
import { clientOf, startTcp } from '../thrift/client/transports';
import { published, type Published } from './published';

/** Drops the connection of a client during a call of `clear`. Resolves when the call has ended, with what was published. */
export async function loseCall(): Promise<Published> {
  const { connect, drop } = await startTcp(Library, new Answers());
  const connection = connect();
  connection.on('error', () => {});
  const client = instrumentClient(clientOf(connection, Library));
  await client['twice']?.(1);
  const calls = published('client');
  void client['clear']?.();
  drop();
  await calls.ended(1);
  return calls;
}
