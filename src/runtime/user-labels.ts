import type { LabelNames } from '../metrics/label-names';
import { ThriftMetricsError } from '../validation/errors';
import type { Settings } from './settings';

/** The names of the labels that the program adds to metrics of this package, and where each was declared first. */
export class UserLabels {
  private readonly locations = new Map<string, string>();

  constructor(private readonly settings: Pick<Settings, 'labelNames' | 'withdraw'>) {}

  /**
   * Notes the labels of a declaration. Label names that were set outside the program must not make its classes fail.
   *
   * @throws {@link ThriftMetricsError} if a built-in label was renamed to one of them.
   */
  add(names: Iterable<string>, location: string): void {
    const { settings } = this;
    for (const name of names) {
      const builtIn = settings.labelNames.builtInOf(name);
      if (builtIn !== name) {
        const error = clash(location, name, builtIn);
        if (settings.withdraw.labelNames === null) throw error;
        settings.withdraw.labelNames(error);
      }
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
