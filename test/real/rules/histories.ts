/** A number of steps with the same number of calls, of which a share misses the objective. */
export interface Phase {
  readonly steps: number;
  readonly calls: number;
  readonly bad: number;
}

export interface InputSeries {
  readonly series: string;
  readonly values: string;
}

/** The series of one method during these phases. Half of all calls end in a declared exception. */
export function historyOf(method: string, phases: readonly Phase[]): InputSeries[] {
  const of = (labels: string, perStep: (phase: Phase) => number): InputSeries => ({
    series: labels.replace('{', `{job="calculator",instance="a:1",`),
    values: counter(phases, perStep),
  });
  const name = `thrift_service="Calculator",thrift_method="${method}"`;
  const label = method === 'calculate' ? `${name},op="ADD"` : name;
  const within = method === 'factorize' ? '0.2' : '0.25';
  const latency = 'thrift_server_latency_seconds';
  const errors = 'thrift_server_failed_requests_total';
  return [
    of(`thrift_server_requests_total{${label}}`, ({ calls }) => calls),
    of(`${errors}{${name},thrift_exception_kind="undeclared"}`, ({ calls, bad }) => calls * bad),
    of(`${errors}{${name},thrift_exception_kind="declared"}`, ({ calls }) => calls / 2),
    ...['true', 'false'].flatMap((success) => {
      const half = `${label},thrift_success="${success}"`;
      return [
        of(`${latency}_count{${half}}`, ({ calls }) => calls / 2),
        of(`${latency}_bucket{${half},le="+Inf"}`, ({ calls }) => calls / 2),
        of(
          `${latency}_bucket{${half},le="${within}"}`,
          ({ calls, bad }) => (calls / 2) * (1 - bad),
        ),
        of(`${latency}_bucket{${half},le="0.1"}`, () => 0),
      ];
    }),
  ];
}

/** A counter that starts at 0. */
function counter(phases: readonly Phase[], perStep: (phase: Phase) => number): string {
  let value = 0;
  const values = [0];
  for (const phase of phases) {
    for (let step = 0; step < phase.steps; step++) values.push((value += perStep(phase)));
  }
  return values.join(' ');
}
