import { hostname } from 'node:os';

import {
  type Environment,
  firstOf,
  programName,
  resourceAttributes,
} from '../../runtime/program-name';
import type { Identity } from './browser/protocol';

/** Names of services that a title can list. */
const MAX_NAMES = 2;

/**
 * Which process the page shows. The name is that of the program, and the version comes from `OTEL_RESOURCE_ATTRIBUTES` or
 * from the default label `version`. Without a name, the page is titled by its Thrift services; without a version, npm's is
 * shown if npm started the program.
 */
export function identityOf(
  env: Environment,
  defaultLabels: Readonly<Record<string, string>>,
  services: readonly string[],
): Identity {
  const version = firstOf(
    resourceAttributes(env).get('service.version'),
    defaultLabels['version'],
    env['npm_package_version'],
  );
  return {
    name: programName(env, defaultLabels) ?? titleOf(services),
    host: hostname(),
    version: version ?? null,
  };
}

function titleOf(services: readonly string[]): string {
  if (services.length === 0) return 'thrift-metrics';
  if (services.length <= MAX_NAMES) return services.join(', ');
  return `${services[0]} and ${services.length - 1} more services`;
}
