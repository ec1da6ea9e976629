import type { Call } from '../recording/call';
import { guardArgumentsFunction, writeTypes } from '../recording/shown-arguments';
import type { Runtime } from '../runtime/runtime';
import { checkOptionTable, isBoolean, mustBe, type OptionTable } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

/** What is kept of single calls: those in progress, and the latest slow and failed ones of each method. */
export interface CallsOptions {
  /**
   * Whether calls are kept. With `false`, nothing is kept of any call, and `/-/calls` says so.
   *
   * @default true
   */
  enabled?: boolean | undefined;
  /**
   * What is shown of the arguments of a call: nothing, their types, or the text that a function returns, of which 512
   * characters are kept. The function runs only for calls that are kept, and for calls in progress when someone reads them. Calls
   * take longer with any value but `'none'`, because their arguments are held until they settle.
   *
   * @default 'none'
   */
  arguments?: 'none' | 'types' | ((call: Call) => string) | undefined;
}

const OPTIONS: OptionTable<CallsOptions> = {
  enabled: mustBe(isBoolean, 'true or false'),
  arguments: mustBe(
    (value: unknown) => value === 'none' || value === 'types' || typeof value === 'function',
    "'none', 'types', or a function that returns a text",
  ),
};

/** @throws {@link ThriftMetricsError} if the option `calls` is wrong. */
export function checkCallsOption(where: string, name: string, value: unknown): void {
  if (typeof value === 'boolean') return;
  checkOptionTable(`${where}: ${name}`, value, OPTIONS);
}

/** Applies the option. An option that an object does not name gets its default. Drops what must no longer be shown. */
export function applyCalls(
  { journal, keptCalls, gate, faults }: Runtime,
  given: boolean | CallsOptions,
): void {
  const { enabled = true, arguments: shown = 'none' } =
    typeof given === 'boolean' ? { enabled: given } : given;
  const before = journal.writer;
  journal.enabled = enabled;
  journal.incoming = null;
  journal.writer =
    !enabled || shown === 'none'
      ? null
      : shown === 'types'
        ? writeTypes
        : guardArgumentsFunction(shown, faults, notText);
  gate.calls.keepsArguments = journal.writer !== null;
  // A stricter function must not leave what the former one has written.
  if (!enabled || (before !== null && journal.writer !== before)) keptCalls.forget();
}

/** Does not show the value, which can be the arguments themselves: `/-/status` shows the message. */
function notText(value: unknown): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `configureMetrics: calls: the function 'arguments' returned a value of type ${typeof value}, so the arguments of the call are not shown. Return a string, and not a promise of one.`,
  );
}
