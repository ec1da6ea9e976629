import type { JSX } from 'preact';
import { useState } from 'preact/hooks';

/** Asks for the token of the endpoint. */
export function SignIn({
  isWrong,
  signIn,
}: {
  /** Whether the server has refused a token. */
  readonly isWrong: boolean;
  readonly signIn: (token: string) => void;
}): JSX.Element {
  const [token, setToken] = useState('');
  return (
    <form
      class="sign-in"
      onSubmit={(event) => {
        event.preventDefault();
        if (token !== '') signIn(token.trim());
      }}
    >
      <h2>Sign in</h2>
      {/* Password managers store a password by the name of its user. */}
      <input type="text" autocomplete="username" value="metrics" readOnly hidden />
      <label for="token">Token of the metrics endpoint</label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        required
        value={token}
        aria-describedby="token-note"
        aria-invalid={isWrong}
        onInput={(event) => setToken(event.currentTarget.value)}
      />
      <p id="token-note" role="alert" class={isWrong ? 'alarm' : 'note'}>
        {isWrong
          ? '▲ The server refuses this token. Check it, and sign in again.'
          : 'The browser keeps it for this tab, and sends it to this server only.'}
      </p>
      <button type="submit" class="button">
        Sign in
      </button>
    </form>
  );
}
