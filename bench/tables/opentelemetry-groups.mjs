// Groups that measure tracing, and metrics beside those of OpenTelemetry's SDKs.
import { installSdk, SDK_VERSIONS } from '../../scripts/opentelemetry-sdks.mjs';
import { difference, more, ns, ratioAtLeast, row } from './cells.mjs';

const groupsOf = (major) => [
  {
    name: `opentelemetry-${major}`,
    table: 'opentelemetry',
    seconds: 36,
    run: withSdk(major, 'opentelemetry'),
    rows: (sdk) => metricRows(major, sdk),
  },
  {
    name: `tracing-${major}`,
    table: 'tracing',
    seconds: 22,
    run: withSdk(major, 'tracing'),
    rows: (sdk) => tracingRows(major, sdk),
  },
  {
    name: `propagation-${major}`,
    table: 'tracing',
    seconds: 18,
    run: withSdk(major, 'propagation'),
    rows: (sdk) => propagationRows(major, sdk),
  },
];

function withSdk(major, group) {
  return async (measure) => {
    await installSdk(major);
    return measure.medians(group, major);
  };
}

function metricRows(major, sdk) {
  const instruments = `the same instruments of OpenTelemetry's SDK ${major}, by hand`;
  return [
    ratioAtLeast(instruments, sdk.byHand, '`@Instrumented`', sdk.instrumented, 25),
    row(
      `the duration histogram of SDK ${major} alone`,
      ns(sdk.duration),
      `\`@Instrumented\`, four metrics: ${ns(sdk.instrumented)}`,
      `${(sdk.duration / sdk.instrumented).toFixed(1)} x`,
    ),
    row(
      `${instruments}, async`,
      ns(sdk.asyncByHand),
      `\`@Instrumented\`: ${ns(sdk.instrumentedAsync)}; bare call: ${ns(sdk.bareAsync)}`,
      `${more(sdk.asyncByHand - sdk.bareAsync)} against ${more(sdk.instrumentedAsync - sdk.bareAsync)}`,
    ),
  ];
}

function tracingRows(major, sdk) {
  return [
    row(
      `a traced call with four metrics, SDK ${major}`,
      ns(sdk.traced),
      `a span by hand, without metrics: ${ns(sdk.byHand)}`,
      `${(sdk.traced / sdk.byHand).toFixed(2)} x`,
    ),
    difference('the same', sdk.traced, '`@Instrumented`, not traced', sdk.instrumented),
    difference(
      `a bare call that runs in a context of OpenTelemetry, SDK ${major}`,
      sdk.bareInContext,
      'bare call before anything uses `AsyncLocalStorage`',
      sdk.bare,
    ),
  ];
}

function propagationRows(major, sdk) {
  return [
    row(
      `an RPC, traced, with its context, SDK ${major}`,
      ns(sdk.traced),
      `traced, with \`propagation: false\`: ${ns(sdk.notPropagated)}`,
      `${more(sdk.traced - sdk.notPropagated)}, ${sdk.tracedBytes - sdk.untracedBytes} bytes more per request`,
    ),
    row(
      'an RPC, not traced',
      ns(sdk.untraced),
      `bare client and server: ${ns(sdk.bare)}`,
      `${more(sdk.untraced - sdk.bare)}, ${sdk.untracedBytes - sdk.bareBytes} bytes more per request`,
      '0 bytes more',
      sdk.untracedBytes === sdk.bareBytes,
    ),
  ];
}

export const OPENTELEMETRY_GROUPS = SDK_VERSIONS.flatMap(groupsOf);
