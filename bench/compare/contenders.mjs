import { SDK_VERSIONS } from '../../scripts/opentelemetry-sdks.mjs';

/**
 * The contenders: thrift-metrics and the alternatives that its users would choose. `code` names a file in `user-code` and one
 * in `series`. The clients of the prom-client family have the same API, so three of them share one file, and so do the
 * versions of OpenTelemetry's SDK, `sdk`, each of which is installed in a folder of its own.
 */
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
  ...SDK_VERSIONS.map((major) => ({
    name: `OpenTelemetry SDK ${major} by hand`,
    package: '@opentelemetry/sdk-metrics',
    code: 'opentelemetry.ts',
    sdk: major,
  })),
];

/** The Python stacks. Their handlers are synchronous, so their rows have their own references. */
export const PYTHONS = [
  {
    name: 'ThriftPy and prometheus_client',
    library: 'thriftpy',
    code: 'prometheus_client.py',
    server: 'server-thriftpy.py',
    idl: 'examples/calculator/calculator.thrift',
  },
  {
    name: 'Apache Thrift and prometheus_client',
    library: 'thrift',
    code: 'prometheus_client.py',
    server: 'server-apache.py',
    // Output of the compiler that fits the library.
    idl: 'test/real/peers/gen-py',
  },
];

export const isPython = (contender) => PYTHONS.includes(contender);

/** The handlers without metrics, to which those of the contenders are compared. */
export const BARE = { name: 'bare', package: 'bare', code: 'bare.ts' };
