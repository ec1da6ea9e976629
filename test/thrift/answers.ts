import type { Visible } from './side-by-side';

export function result(value: unknown): Visible {
  return { answer: { result: value } };
}

/** A REPLY that carries an exception which the IDL declares. */
export const refused: Visible = { answer: { error: { class: 'Refused', why: 'no' } } };

/** An EXCEPTION. */
export function application(message: string | undefined): Visible {
  return { answer: { error: { class: 'TApplicationException', message } } };
}

/** The server emits an error and hangs up. The client never gets an answer. */
export function hangsUp(error: Record<string, unknown>): Visible {
  return { answer: 'none', connection: 'closed', serverErrors: [error] };
}

/** The connection stays open, and the call is never answered. */
export const hangs: Visible = { answer: 'none' };
