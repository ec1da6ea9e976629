// The contenders: thrift-metrics and the alternatives that its users would choose. `code` names a file in `user-code` and
// one in `series`. The clients of the prom-client family have the same API, so three of them share one file.
export const CONTENDERS = [
  { name: 'thrift-metrics', package: 'thrift-metrics', code: 'thrift-metrics.ts' },
  { name: 'prom-client by hand', package: 'prom-client', code: 'prom-client.ts' },
  {
    name: '@prometheus-io/client by hand',
    package: '@prometheus-io/client',
    code: 'prom-client.ts',
    instead: 'prom-client',
  },
  {
    name: '@platformatic/prom-client by hand',
    package: '@platformatic/prom-client',
    code: 'prom-client.ts',
    instead: 'prom-client',
  },
  { name: '@autometrics/autometrics', package: '@autometrics/autometrics', code: 'autometrics.ts' },
  {
    name: 'OpenTelemetry by hand',
    package: '@opentelemetry/sdk-metrics',
    code: 'opentelemetry.ts',
  },
];

/** The Python stack. Its handlers are synchronous, so its rows have their own reference. */
export const PYTHON = {
  name: 'ThriftPy and prometheus_client',
  package: 'prometheus_client',
  code: 'prometheus_client.py',
};

/** Path of a contender's compiled code, relative to the installation. */
export const compiled = (folder, { package: name }) =>
  `${folder}/${name.replace('@', '').replace('/', '-')}.mjs`;
