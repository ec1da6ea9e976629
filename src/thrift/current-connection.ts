/** What the processor has to know of the connection whose input it is given. */
export interface ServerConnection {
  /** False once a reply can no longer reach the client. */
  isOpen(): boolean;
  /** Whether the input that came last ended within a message. Written by the processor. */
  endsWithinMessage: boolean;
  /** Whether Thrift has refused what came: it is counted then, and nothing more is to be expected of it. */
  isRefused: boolean;
}

let current: ServerConnection | null = null;
let wasAsked = false;

/** The connection whose bytes are being handed to Thrift right now, where its server is instrumented. */
export function currentConnection(): ServerConnection | null {
  wasAsked = true;
  return current;
}

/** Whether an instrumented processor has been given anything since the connection was set. */
export function hasReachedProcessor(): boolean {
  return wasAsked;
}

/** Notes that Thrift refuses what it is being handed, if it is being handed anything. */
export function refuseInput(): void {
  if (current !== null) current.isRefused = true;
}

/** Set just before Thrift's own listener gets the bytes, and set back to null just after: both happen in one turn. */
export function setCurrentConnection(connection: ServerConnection | null): void {
  current = connection;
  wasAsked = false;
}
