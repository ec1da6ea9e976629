import { EventEmitter } from 'node:events';

import type { Service } from '../../support/start-thrift';
import { Answers, type AnyClient } from './library';
import { thriftLibrary } from './transports';

/**
 * A connection of a class that is not Thrift's own. A processor in this process answers each request before `write` returns,
 * unless the handler answers later.
 */
export class Loopback extends EventEmitter {
  readonly transport = thriftLibrary.TBufferedTransport;
  readonly protocol = thriftLibrary.TBinaryProtocol;
  /** Every request that was written. */
  readonly written: Buffer[] = [];
  /** The client that gets the replies. `createClient` sets it. */
  client: AnyClient = {};
  // oxlint-disable-next-line typescript/no-explicit-any -- fields of the connections of a test
  [field: string]: any;
  private readonly processor: { process(input: object, output: object): void };

  constructor(
    service: Service,
    readonly handler: Answers = new Answers(),
  ) {
    super();
    const { Processor } = service as unknown as {
      Processor: new (handler: object) => Loopback['processor'];
    };
    this.processor = new Processor(handler);
  }

  write(request: Buffer): void {
    this.written.push(request);
    this.transport.receiver((input: object) => {
      const output = new this.transport(undefined, (reply: Buffer) => this.deliver(reply));
      this.processor.process(new this.protocol(input), new this.protocol(output));
    })(request);
  }

  /** Passes a reply to the client, which throws if it cannot be decoded. */
  deliver(reply: Buffer): void {
    this.transport.receiver((input: object) => {
      const message = new this.protocol(input);
      const { fname, mtype, rseqid } = message.readMessageBegin();
      this.client[`recv_${fname}`]?.(message, mtype, rseqid);
    })(reply);
  }
}
