// What is compared: thrift-metrics, and what its users would pick instead. `code` names a file of `user-code` and one of
// `series`; the clients of the prom-client family are used alike, so that one file serves three of them.
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

/** The stack that this project follows in spirit; its handlers are synchronous, and its rows have their own reference. */
export const PYTHON = {
  name: 'ThriftPy and prometheus_client',
  package: 'prometheus_client',
  code: 'prometheus_client.py',
};

/** The file that a contender's code is compiled to. */
export const compiled = (folder, { package: name }) =>
  `${folder}/${name.replace('@', '').replace('/', '-')}.mjs`;
