import { defaultLabelsOf, type MetricsRegistry } from './metrics-registry';
import { state } from './state';

/** Puts our default labels on a registry in place of those set before, and leaves those that others have set. */
export function applyDefaultLabels(
  registry: MetricsRegistry,
  labels: Readonly<Record<string, string>>,
): void {
  const others: Record<string, string> = { ...defaultLabelsOf(registry) };
  for (const [name, value] of Object.entries(state.appliedLabels)) {
    if (others[name] === value) delete others[name];
  }
  registry.setDefaultLabels({ ...others, ...labels });
  state.appliedLabels = labels;
}
