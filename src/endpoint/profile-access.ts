import type { Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';

/** The options that decide who can profile the process. */
interface ProfileOptions {
  readonly auth?: unknown;
  readonly profile?: boolean | undefined;
}

/**
 * Decides whether an endpoint takes profiles. They show names and files of the program and cost CPU time, so only an endpoint
 * with `auth` takes them.
 *
 * @param ofProgram the options that the program itself sets, of those that apply
 * @throws {@link ThriftMetricsError} `TM_ERR_PROFILE_AUTH` if the program wants profiles without `auth`. If a setting outside
 * of the program wants them, this is reported, and there are none.
 */
export function takesProfiles(
  where: string,
  runtime: Runtime,
  { auth, profile = false }: ProfileOptions,
  ofProgram: ProfileOptions,
): boolean {
  if (!profile || auth !== undefined) return profile;
  const isOfProgram = ofProgram.profile === true;
  const name = isOfProgram ? `${where}: the option 'profile'` : "The setting 'profile'";
  const error = new ThriftMetricsError(
    'TM_ERR_PROFILE_AUTH',
    `${name} is true, but 'auth' is not set, so that everyone could profile the process. ${isOfProgram ? 'Set' : 'The endpoint takes no profiles. Set'} 'auth', or remove 'profile'.`,
  );
  if (isOfProgram) throw error;
  runtime.faults.warnOnce('profile', error);
  return false;
}
