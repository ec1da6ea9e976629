import { CATALOGUE, LABEL } from '../catalogue';
import type { CounterCell } from '../metrics/counter-cell';
import { builtInSeries } from '../registry/built-in-series';
import { state } from '../registry/state';

/** Why input was refused: the values of `thrift_reason` of `thrift_server_protocol_errors_total`. */
const PROTOCOL_ERROR_REASONS = [
  'garbage',
  'bad_version',
  'oversize_frame',
  'cut_off_struct',
  'wrong_message_type',
  'unknown_service',
] as const;

export type ProtocolErrorReason = (typeof PROTOCOL_ERROR_REASONS)[number];

const cells = new Map<ProtocolErrorReason, CounterCell>();
const counted = new WeakSet<object>();

/** Puts every reason into the registry at 0. */
export function registerProtocolErrors(): void {
  for (const reason of PROTOCOL_ERROR_REASONS) {
    cells.set(reason, builtInSeries(CATALOGUE.protocolErrors, { [LABEL.reason]: reason }).cell);
  }
}

/** Counts refused input, once for each `error`, which may pass several places on its way out. */
export function countProtocolError(reason: ProtocolErrorReason, error?: unknown): void {
  if (!state.gate.enabled) return;
  if (typeof error === 'object' && error !== null) {
    if (counted.has(error)) return;
    counted.add(error);
  }
  const cell = cells.get(reason);
  if (cell !== undefined) cell.value++;
}
