// A program that only imports the package, starts its own metrics server, and sets one option itself.
import { configureMetrics, instrument, startMetricsServer } from '../../../../dist/index.js';

const find = instrument((key) => key, { service: 'Store', method: 'find' });
configureMetrics({ maxSeriesPerMetric: 100 });
find('a');
const { url } = await startMetricsServer({ path: '/own' });
console.log(`serves ${url}`);
