import type { JSX } from 'preact';

import { formatTime } from './format.js';
import type { ErrorCount, MethodDetail } from './protocol.js';

const NOTES = {
  shown: null,
  public:
    'Messages and stacks are not shown, because anyone can read this page. To see them, set auth, or listen on localhost only.',
  off: 'The program keeps no messages and stacks (errorDetails: false).',
} as const;

/** The message and the stack of the latest error of each type. */
export function ErrorTexts({ detail }: { readonly detail: MethodDetail }): JSX.Element | null {
  const { errors, errorTexts } = detail;
  if (errors.length === 0) return null;
  const note = NOTES[errorTexts];
  return (
    <section class="error-texts">
      <h2>Latest messages</h2>
      {note !== null && <p class="note">{note}</p>}
      {errors.map((error) => (
        <ErrorTextOf key={`${error.kind} ${error.type}`} error={error} />
      ))}
    </section>
  );
}

function ErrorTextOf({
  error: { type, said },
}: {
  readonly error: ErrorCount;
}): JSX.Element | null {
  if (said === null) return null;
  const { message, stack, time, process } = said;
  return (
    <div class="error-text">
      <h3>{type}</h3>
      <p class="message">{message === '' ? 'no message' : message}</p>
      <p class="note">{`${formatTime(time)}, process ${process}`}</p>
      {stack !== '' && (
        <details>
          <summary>Stack</summary>
          <pre>{stack}</pre>
        </details>
      )}
    </div>
  );
}
