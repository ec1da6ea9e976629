import { autometrics, registerExporter } from '@autometrics/autometrics';
import { PrometheusExporter } from 'autometrics-exporter-prometheus';

/** Its labels are the names of functions, so there are as many functions as series. */
export async function serve(port: number, series: number): Promise<void> {
  const exporter = new PrometheusExporter({ port, preventServerStart: true });
  registerExporter({ metricReader: exporter });
  for (let i = 0; i < series; i++) {
    autometrics({ functionName: `run${i}`, moduleName: 'many' }, () => {})();
  }
  await exporter.startServer();
}
