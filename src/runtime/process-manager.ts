/**
 * Returns the name of the PM2 application that this process belongs to, or null. All applications of PM2's cluster mode have
 * the same primary, which is PM2's daemon and not a part of any of them.
 */
export function processManagerApp(): string | null {
  const { name, pm_exec_path: path } = settings();
  return typeof name === 'string' && typeof path === 'string' ? `${name}\n${path}` : null;
}

/** Its settings are in one variable when a preloaded module runs, and in one variable each afterwards. */
function settings(): Record<string, unknown> {
  const { pm2_env: encoded } = process.env;
  if (encoded === undefined) return process.env;
  try {
    return Object(JSON.parse(encoded)) as Record<string, unknown>;
  } catch {
    return process.env;
  }
}

/**
 * Gives this process the variables of its PM2 application that begin with `THRIFT_METRICS_`. In cluster mode, PM2 sets all
 * variables of the application only after preloaded modules have run. Until then, the process has those of PM2's daemon.
 */
export function adoptVariables(): void {
  if (process.env['pm2_env'] === undefined) return;
  for (const [name, value] of Object.entries(settings())) {
    if (name.startsWith('THRIFT_METRICS_')) process.env[name] = String(value);
  }
}
