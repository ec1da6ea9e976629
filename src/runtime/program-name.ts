/** The environment variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the program is called: the name that OpenTelemetry reads (`OTEL_SERVICE_NAME`, or `service.name` in
 * `OTEL_RESOURCE_ATTRIBUTES`), or the default label `service`, or null.
 */
export function programName(
  env: Environment,
  defaultLabels: Readonly<Record<string, string>>,
): string | null {
  return (
    firstOf(
      env['OTEL_SERVICE_NAME'],
      resourceAttributes(env).get('service.name'),
      defaultLabels['service'],
    ) ?? null
  );
}

/** Returns the first text that is not empty. */
export function firstOf(...texts: readonly (string | undefined)[]): string | undefined {
  return texts.find((text) => text !== undefined && text !== '');
}

/** Parses `key=value,…` with percent-encoded values. A part that is not encoded correctly is taken as it is. */
export function resourceAttributes(env: Environment): Map<string, string> {
  return new Map(
    (env['OTEL_RESOURCE_ATTRIBUTES'] ?? '').split(',').flatMap((part) => {
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
