import type { IncomingCall } from '../../recording/call-channel';
import type { CallMessage, ReceivedContext } from '../../recording/call-message';
import type { CallerFailures } from '../../recording/cells';
import type { ServerConnection } from '../current-connection';
import type { MessageCall } from './message-call';
import type { CallsOfCaller } from './service-callers';

/** What an instrumented processor knows about the message that it passes to the handler. */
export class IncomingMessage implements IncomingCall {
  constructor(
    private readonly call: MessageCall,
    private readonly isOneway: boolean,
    private readonly requestSize: number,
    /** Null if the server is not instrumented. */
    private readonly connection: ServerConnection | null,
    private readonly context: ReceivedContext | null,
    /** Null if the caller is not known, or not counted. */
    private caller: CallsOfCaller | null,
  ) {}

  get method(): string {
    return this.call.method.method;
  }

  describe(message: CallMessage): void {
    const { call, connection, requestSize } = this;
    // The size of the reply follows when it is written.
    call.message = message;
    message.isOneway = this.isOneway;
    message.receiveContext(this.context);
    if (requestSize >= 0) message.requestSize = requestSize;
    if (connection === null) return;
    message.peer = connection.peer;
    message.server = connection.local;
  }

  takeFailures(): CallerFailures | null {
    const { caller } = this;
    this.caller = null;
    caller?.begin();
    return caller;
  }
}
