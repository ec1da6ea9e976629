import { declarationsOf } from '../../declaration/declarations';
import { UNKNOWN } from '../../recording/guards';
import { boundLabelValue } from '../../recording/label-value';
import { firstOf, programName } from '../../runtime/program-name';
import { definePart, type Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { serviceMetricsOf } from '../service/method-metrics';
import type { InstrumentedClient } from './instrumented-client';

/** The name under which this program calls others. */
class OwnName {
  /** What the environment says, or null. Undefined until it is read, which takes longer than a call may. */
  private fromEnvironment: string | null | undefined = undefined;

  /** The one service that the program serves, or null if it serves several. Undefined while it serves none. */
  private service: string | null | undefined = undefined;

  constructor(private readonly runtime: Runtime) {}

  /**
   * The name that a client sends: `callerName`, or the name of the program, or that of the one service that it serves. The
   * name of the client is the last resort, because many programs name a client after what it calls. Null if there is none of
   * them.
   */
  of({ isNamed, profile }: InstrumentedClient): string | null {
    const { callerName } = this.runtime.settings;
    const name = callerName ?? this.ofProgram() ?? (isNamed ? profile.name : null);
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
    const { defaultLabels } = this.runtime.settings;
    return this.fromEnvironment ?? firstOf(defaultLabels['service']) ?? this.onlyService();
  }

  /** The service that the program serves, if it is just one. Kept once it is sent, so that a caller does not change its name. */
  private onlyService(): string | null {
    if (this.service === undefined) this.service = this.findOnlyService();
    return this.service ?? null;
  }

  private findOnlyService(): string | null | undefined {
    let found: string | undefined = undefined;
    for (const service of this.services()) {
      // What has no name cannot name the program.
      if (service === UNKNOWN || service === found) continue;
      if (found !== undefined) return null;
      found = service;
    }
    return found;
  }

  /** The services of processors, and those of measured handlers. */
  private *services(): Generator<string> {
    yield* serviceMetricsOf(this.runtime).services.keys();
    for (const { plan } of declarationsOf(this.runtime).methods.values()) yield plan.service;
  }
}

export const ownNameOf = definePart('thrift.own-name', (runtime) => new OwnName(runtime));
