import { declarationsOf } from '../../declaration/declarations';
import { boundLabelValue } from '../../recording/label-value';
import { programName } from '../../runtime/program-name';
import { definePart, type Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { serviceMetricsOf } from '../service/method-metrics';
import type { InstrumentedClient } from './instrumented-client';

/** The name under which this program calls others. */
class OwnName {
  /** What the environment says, or null. Undefined until it is read, which takes longer than a call may. */
  private fromEnvironment: string | null | undefined = undefined;

  /** The service by which the program is named, once it is known. */
  private service: string | null = null;

  constructor(private readonly runtime: Runtime) {}

  /**
   * The name that a client sends: `callerName`, or the name that the program has given the client, or the name of the
   * program, or that of the one service that it serves. Null if there is none of them.
   */
  of({ isNamed, profile }: InstrumentedClient): string | null {
    const { callerName } = this.runtime.settings;
    const name = callerName ?? (isNamed ? profile.name : this.ofProgram());
    return name === null ? null : boundLabelValue(name);
  }

  /** Reports that a client has no name to send, although the program wants it to. */
  reportMissing(service: string): void {
    this.runtime.faults.warnOnce(
      'callers',
      new ThriftMetricsError(
        'TM_ERR_CALLER_NAME',
        `callers: the client of '${service}' does not name its caller, because this program has no name. ` +
          'Its calls are counted under no name, or not at all, by the servers that it calls. ' +
          "Set configureMetrics({ callerName }), THRIFT_METRICS_CALLER_NAME or OTEL_SERVICE_NAME, or name the client: instrumentClient(client, { name: 'checkout' }).",
      ),
    );
  }

  private ofProgram(): string | null {
    if (this.fromEnvironment === undefined) this.fromEnvironment = programName(process.env, {});
    const named = this.fromEnvironment ?? programName({}, this.runtime.settings.defaultLabels);
    return named ?? this.onlyService();
  }

  /** The service that the program serves, if it is just one. Kept once it is sent, so that a caller does not change its name. */
  private onlyService(): string | null {
    this.service ??= this.findOnlyService();
    return this.service;
  }

  private findOnlyService(): string | null {
    const [served = null, ...others] = serviceMetricsOf(this.runtime).services.keys();
    if (others.length > 0) return null;
    let found = served;
    for (const { plan } of declarationsOf(this.runtime).methods.values()) {
      found ??= plan.service;
      if (plan.service !== found) return null;
    }
    return found;
  }
}

export const ownNameOf = definePart('thrift.own-name', (runtime) => new OwnName(runtime));
