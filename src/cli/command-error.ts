/** Why a command cannot do what it was asked for: one line on standard error, and exit code 2. */
export class CommandError extends Error {
  override get name(): string {
    return 'CommandError';
  }
}
