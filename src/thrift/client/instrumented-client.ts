import type { ClientFunctions } from './client-call';
import type { ClientProfile } from './client-profile';
import type { ClientConnection } from './connection';

/** The state of a client that is instrumented. Only the client refers to it, so it ends with the client. */
export class InstrumentedClient {
  /** The connection that the client writes to, or null until it is known. */
  connection: ClientConnection | null = null;
  /** Whether to search for the connection when a request is sent. */
  isConnectionSought = true;
  /** The functions in the options of the client, or null if there are none. */
  functions: ClientFunctions | null = null;
  /** The id of the reply that is being passed on through a callback of the program. */
  passedOn: number | null = null;

  constructor(
    public profile: ClientProfile,
    /** Whether the program has named the client. Without a name, it is labeled with its service. */
    public isNamed: boolean,
    /** The transport that the client writes to. It changes if the program gives the client another connection. */
    private output: object,
  ) {}

  connectTo(connection: ClientConnection): void {
    this.connection ??= connection;
    this.connection.cells.add(this.profile.connection);
  }

  /** Gives the client the metrics of another name. */
  changeProfile(profile: ClientProfile): void {
    this.profile = profile;
    this.connection?.cells.add(profile.connection);
  }

  /** Forgets the connection if the client writes to another transport than before. */
  checkOutput(output: object): void {
    if (output === this.output) return;
    this.output = output;
    this.forgetConnection();
  }

  /** Searches for the connection at the next request. */
  forgetConnection(): void {
    this.connection = null;
    this.isConnectionSought = true;
  }
}
