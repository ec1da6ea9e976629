import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import { definePart, type Runtime } from '../../runtime/runtime';
import type { ClientLabels } from './client-method-metrics';
import { ClientProfile, type ClientConnectionCells } from './client-profile';

/** The metrics of every client. Programs create many clients, even one for each call, so those with one name share cells. */
class ClientMetrics {
  private readonly profiles = new Map<string, ClientProfile>();
  private readonly connections = new Map<string, ClientConnectionCells>();

  constructor(private readonly runtime: Runtime) {
    runtime.families.whenPolicyChanges.push(() => {
      for (const profile of this.profiles.values()) profile.applyPolicy();
    });
  }

  profile(service: string, name: string, labels: ClientLabels): ClientProfile {
    const key = JSON.stringify([service, name, labels]);
    let profile = this.profiles.get(key);
    if (profile === undefined) {
      profile = new ClientProfile(this.runtime, service, name, labels, this.connection(name));
      this.profiles.set(key, profile);
    }
    return profile;
  }

  private connection(name: string): ClientConnectionCells {
    let cells = this.connections.get(name);
    if (cells === undefined) {
      const { families } = this.runtime;
      const labels = { [LABEL.clientName]: name };
      cells = {
        reconnects: families.series(CATALOGUE.clientReconnects, labels).cell,
        offlineQueue: families.series(CATALOGUE.clientOfflineQueue, labels).cell,
      };
      this.connections.set(name, cells);
    }
    return cells;
  }
}

export const clientMetricsOf = definePart('thrift.client', (runtime) => new ClientMetrics(runtime));
