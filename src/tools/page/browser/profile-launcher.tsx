import type { FunctionComponent, JSX } from 'preact';
import { useState } from 'preact/hooks';

export interface ProfileProps {
  /** Address of the folder with the files of the page. */
  readonly files: string;
  /** Returns the token that the user has signed in with, or null. */
  readonly token: () => string | null;
}

/** The button that opens the profiles of a process. What shows them is loaded when it is pressed. */
export function ProfileLauncher(props: ProfileProps): JSX.Element {
  const [View, setView] = useState<FunctionComponent<ProfileProps> | null>(null);
  const [failure, setFailure] = useState('');
  const open = async (): Promise<void> => {
    try {
      const { ProfileView } = await import('./profile.js');
      setView(() => ProfileView);
    } catch {
      setFailure('▲ The server does not answer. Press the button again.');
    }
  };
  return (
    <section class="profile" aria-label="Profile">
      {View === null ? (
        <>
          <button type="button" class="button" onClick={() => void open()}>
            Profile…
          </button>
          <p class="alarm" role="alert">
            {failure}
          </p>
        </>
      ) : (
        <View {...props} />
      )}
    </section>
  );
}
