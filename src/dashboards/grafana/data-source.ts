import type { GrafanaDataSource } from './model';

/** The one that is chosen in the dashboard. */
export const DATA_SOURCE: GrafanaDataSource = { type: 'prometheus', uid: '${datasource}' };
