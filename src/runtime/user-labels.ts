import type { LabelNames } from '../metrics/label-names';
import { ThriftMetricsError } from '../validation/errors';

/** The names of the labels that the program adds to metrics of this package, and where each was declared first. */
export class UserLabels {
  private readonly locations = new Map<string, string>();

  constructor(private readonly settings: { readonly labelNames: LabelNames }) {}

  /**
   * Notes the labels of a declaration.
   *
   * @throws {@link ThriftMetricsError} if a built-in label was renamed to one of them.
   */
  add(names: Iterable<string>, location: string): void {
    for (const name of names) {
      const builtIn = this.settings.labelNames.builtInOf(name);
      if (builtIn !== name) throw clash(location, name, builtIn);
      if (!this.locations.has(name)) this.locations.set(name, location);
    }
  }

  /** @throws {@link ThriftMetricsError} if a built-in label would get the name of a label of the program. */
  checkNames({ mapping }: LabelNames, where: string): void {
    for (const [builtIn, name] of Object.entries(mapping)) {
      const location = this.locations.get(name);
      if (location === undefined || builtIn === name) continue;
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_NAME',
        `${where}: '${builtIn}' cannot be renamed to '${name}', because ${location} sets a label '${name}'. Choose another name, or rename that label.`,
      );
    }
  }
}

function clash(location: string, name: string, builtIn: string): ThriftMetricsError {
  return new ThriftMetricsError(
    'TM_ERR_LABEL_NAME',
    `${location}: label '${name}' has the name that configureMetrics({ labelNames }) gives to '${builtIn}'. Rename one of them.`,
  );
}
