import { Socket, type Server } from 'node:net';

type Listing = NodeJS.Process & { _getActiveHandles?(): unknown[] };
type Accepted = Socket & { readonly server?: unknown; readonly parser?: unknown };

/**
 * The connections that a server has accepted already. Servers keep no list of them, but Node.js keeps one of everything
 * that is open. It names what TLS is spoken over, and not who speaks it: connections of TLS cannot be had.
 */
export function openSockets(server: Server): Socket[] {
  const handles = (process as Listing)._getActiveHandles?.() ?? [];
  return handles.filter(
    (handle): handle is Socket =>
      handle instanceof Socket && (handle as Accepted).server === server && !handle.destroyed,
  );
}

/** Whether a connection that an HTTP server has accepted is no longer one of HTTP: the parser has been taken from it. */
export function isUpgraded(socket: Socket): boolean {
  return (socket as Accepted).parser === null;
}
