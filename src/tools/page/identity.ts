import { hostname } from 'node:os';

import type { Identity } from './browser/protocol';

/** Names of services that a title can list. */
const MAX_NAMES = 2;

/**
 * Which process the page shows. The name and the version come from what OpenTelemetry reads (`OTEL_SERVICE_NAME`,
 * `OTEL_RESOURCE_ATTRIBUTES`) or from the default labels `service` and `version`. Without a name, the page is titled by its
 * Thrift services; without a version, npm's is shown if npm started the program.
 */
export function identityOf(
  env: Readonly<Record<string, string | undefined>>,
  defaultLabels: Readonly<Record<string, string>>,
  services: readonly string[],
): Identity {
  const attributes = attributesOf(env['OTEL_RESOURCE_ATTRIBUTES'] ?? '');
  return {
    name:
      firstOf(env['OTEL_SERVICE_NAME'], attributes.get('service.name'), defaultLabels['service']) ??
      titleOf(services),
    host: hostname(),
    version:
      firstOf(
        attributes.get('service.version'),
        defaultLabels['version'],
        env['npm_package_version'],
      ) ?? null,
  };
}

function firstOf(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}

function titleOf(services: readonly string[]): string {
  if (services.length === 0) return 'thrift-metrics';
  if (services.length <= MAX_NAMES) return services.join(', ');
  return `${services[0]} and ${services.length - 1} more services`;
}

/** Parses `key=value,…` with percent-encoded values. A part that is not encoded correctly is taken as it is. */
function attributesOf(text: string): Map<string, string> {
  return new Map(
    text.split(',').flatMap((part) => {
      const at = part.indexOf('=');
      if (at === -1) return [];
      return [[part.slice(0, at).trim(), decoded(part.slice(at + 1).trim())] as const];
    }),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
