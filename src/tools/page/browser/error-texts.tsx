import type { JSX } from 'preact';

import { formatTime } from './format.js';
import type { ErrorCount, MethodDetail } from './protocol.js';

/** The message and the stack of the latest error of each type. */
export function ErrorTexts({ detail }: { readonly detail: MethodDetail }): JSX.Element | null {
  const { errors, hidden } = detail;
  // Failures that have no error, such as results that count as failed, say nothing.
  if (errors.length === 0 || (hidden === null && errors.every(({ said }) => said === null))) {
    return null;
  }
  return (
    <section class="error-texts">
      <h2>Latest messages</h2>
      {hidden !== null && <p class="note">{hidden}</p>}
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
