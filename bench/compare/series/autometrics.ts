import { autometrics, registerExporter } from '@autometrics/autometrics';
import { PrometheusExporter } from 'autometrics-exporter-prometheus';

/** Creates one function per series, because the function name is the only label that varies. */
export async function serve(port: number, series: number): Promise<void> {
  const exporter = new PrometheusExporter({ port, preventServerStart: true });
  registerExporter({ metricReader: exporter });
  for (let i = 0; i < series; i++) {
    autometrics({ functionName: `run${i}`, moduleName: 'many' }, () => {})();
  }
  await exporter.startServer();
}
