import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

import { fetchProfile, type FetchedProfile } from './profile-fetch.js';
import type { ProfileProps } from './profile-launcher.js';
import type { ProfileType } from './profile-protocol.js';
import { ProfileResult } from './profile-result.js';

const TYPES: readonly (readonly [type: ProfileType, text: string])[] = [
  ['cpu', 'CPU time'],
  ['heap', 'Allocations'],
];

const SECONDS = [5, 10, 30, 60] as const;

/** Takes profiles of the process and shows the latest one. */
export function ProfileView({ files, token }: ProfileProps): JSX.Element {
  const [type, setType] = useState<ProfileType>('cpu');
  const [seconds, setSeconds] = useState<number>(10);
  const [left, setLeft] = useState<number | null>(null);
  const [failure, setFailure] = useState('');
  const [profile, setProfile] = useState<FetchedProfile | null>(null);
  const request = useRef<AbortController | null>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that opened this is gone, and the focus with it.
  useEffect(() => heading.current?.focus(), []);
  // A profile that nobody waits for would cost the process its time.
  useEffect(() => () => request.current?.abort(), []);
  const isRunning = left !== null;
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(
      () => setLeft((now) => (now === null ? null : Math.max(0, now - 1))),
      1000,
    );
    return () => clearInterval(timer);
  }, [isRunning]);

  const start = async (): Promise<void> => {
    const controller = new AbortController();
    request.current = controller;
    setFailure('');
    setLeft(seconds);
    try {
      setProfile(await fetchProfile(files, { type, seconds }, token(), controller.signal));
    } catch (error) {
      if (!controller.signal.aborted) setFailure(sentenceOf(error));
    } finally {
      setLeft(null);
      request.current = null;
    }
  };

  return (
    <>
      <h2 ref={heading} tabIndex={-1}>
        Profile
      </h2>
      <form
        class="profile-form"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isRunning) void start();
        }}
      >
        <label>
          {'Kind '}
          <select
            value={type}
            disabled={isRunning}
            onChange={(event) => setType(event.currentTarget.value as ProfileType)}
          >
            {TYPES.map(([each, text]) => (
              <option key={each} value={each}>
                {text}
              </option>
            ))}
          </select>
        </label>
        <label>
          {'Duration '}
          <select
            value={seconds}
            disabled={isRunning}
            onChange={(event) => setSeconds(Number(event.currentTarget.value))}
          >
            {SECONDS.map((each) => (
              <option key={each} value={each}>
                {`${each} seconds`}
              </option>
            ))}
          </select>
        </label>
        {isRunning ? (
          <button type="button" class="button" onClick={() => request.current?.abort()}>
            Cancel
          </button>
        ) : (
          <button type="submit" class="button">
            Start
          </button>
        )}
        {isRunning && (
          <progress max={seconds} value={seconds - left} aria-label="Progress of the profile" />
        )}
      </form>
      <p role="status" class="note">
        {isRunning ? `Profiling for ${seconds} seconds. The process is slower meanwhile.` : ''}
      </p>
      <p role="alert" class="alarm">
        {failure}
      </p>
      {profile !== null && <ProfileResult key={profile.fileName} profile={profile} />}
    </>
  );
}

function sentenceOf(error: unknown): string {
  const isAnswer = error instanceof Error && error.message.startsWith('The server answered');
  return `▲ ${isAnswer ? error.message : 'The connection was lost before the profile was complete.'}`;
}
