import { DATA_SOURCE } from './data-source';
import type { GrafanaAnnotation } from './model';
import { createTarget } from './panel-draft';
import { OF_INSTANCE } from './promql';

const STARTS = `process_start_time_seconds{${OF_INSTANCE}} * 1000`;
const LEGEND = '{{job}} {{instance}}';

/** Marks where a process has started: what follows is of another process, with counters that begin at 0. */
export function createAnnotations(): GrafanaAnnotation[] {
  return [
    {
      name: 'Restarts',
      datasource: DATA_SOURCE,
      enable: true,
      iconColor: 'orange',
      target: createTarget('Anno', STARTS, LEGEND),
      expr: STARTS,
      // Grafana places the mark at the value, in milliseconds.
      useValueForTime: true,
      step: '60s',
      titleFormat: 'Process started',
      textFormat: LEGEND,
      tagKeys: 'job,instance',
    },
  ];
}
