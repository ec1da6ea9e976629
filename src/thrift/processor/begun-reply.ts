import type { MessageCall } from './message-call';

/**
 * The call to which a reply is begun and not flushed; in the whole process there is one at most. Generated code does both
 * in one turn, so when anything else happens, writing has failed, and the error went where nobody here can see it: to
 * whoever called the callback.
 */
export const begun: { call: MessageCall | null } = { call: null };

/** To be called wherever a reply that is still begun must have failed. */
export function endBegunReply(): void {
  const { call } = begun;
  begun.call = null;
  call?.abandon();
}
