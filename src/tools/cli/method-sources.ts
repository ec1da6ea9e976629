import { type Command, Option } from 'commander';

import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { servedMethodsOf } from '../../declaration/served-methods';
import { currentRuntime } from '../../runtime/runtime';
import { CommandError, type CommandLine } from './command-line';
import { loadTimeoutOption, parseHeader } from './command-options';
import { isEndpoint, withoutMethods } from './diff/declaration-source';
import { servedPrefix } from './diff/served-declaration';
import { ExpositionError } from './exposition';
import type { RequestOptions } from './http-request';
import { loadModules } from './modules';
import { applyPolicyFile } from './policy-file';
import { parseEndpoint, scrape } from './scrape-endpoint';
import { methodsOfRules, readDeclared, servedMethods } from './endpoint-methods';
import { parseServedMetrics } from './served-metrics';

/** The options of commands that read methods from modules, endpoints and a policy file. */
export interface SourceOptions {
  readonly config?: string;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

/** The argument of commands that read methods: its name and its description. */
export const SOURCES = [
  '[sources...]',
  'module paths, package names, or URLs of running endpoints',
] as const;

/** Adds the options that {@link readMethods} takes. */
export function addSourceOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--config <file>',
        'policy file in YAML or JSON, as programs read it; by default the one that THRIFT_METRICS_CONFIG names',
      ),
    )
    .option('--header <name: value>', 'header to send to endpoints; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate of endpoints')
    .addOption(loadTimeoutOption());
}

/**
 * Reads the policy file, imports the modules and scrapes the endpoints, and returns all methods that these show. Dashboards
 * and rules that are generated afterwards are about them.
 *
 * @throws {CommandError} if a source cannot be read, if there is none, or if a module or endpoint shows no method.
 */
export async function readMethods(
  sources: readonly string[],
  line: CommandLine,
  { config, header, insecure, timeout }: SourceOptions,
): Promise<DeclaredMethod[]> {
  const modules = sources.filter((source) => !isEndpoint(source));
  const endpoints = sources.filter(isEndpoint);
  const policy = applyPolicyFile(config, line);
  if (sources.length === 0 && policy === null) {
    throw new CommandError(
      'Pass a module, the URL of a running endpoint, or a policy file by --config.',
    );
  }
  const runtime = currentRuntime();
  if (modules.length > 0) await loadModules(modules, line.cwd, timeout);
  const requests = { headers: header ?? {}, insecure: insecure === true, timeout };
  for (const endpoint of endpoints) {
    // oxlint-disable-next-line no-await-in-loop -- the first endpoint decides about the names
    servedMethodsOf(runtime).push(...(await readEndpoint(endpoint, line, requests)));
  }
  if (sources.length === 0) {
    servedMethodsOf(runtime).push(...methodsOfRules(policy?.rules ?? [], runtime.settings));
  }
  return declaredMethods(runtime);
}

/** Reads one endpoint, whose prefix and names of labels the generated queries then have. */
async function readEndpoint(
  source: string,
  line: CommandLine,
  options: RequestOptions,
): Promise<DeclaredMethod[]> {
  const url = parseEndpoint(source);
  const { text } = await scrape(url, 'text', options);
  try {
    const served = parseServedMetrics(text, 'text');
    const declared = await readDeclared(url, served.labelNames, options);
    const methods = servedMethods(served, declared);
    if (methods.length === 0) throw withoutMethods(source);
    line.configure({
      prefix: servedPrefix(served.families),
      labelNames: served.labelNames.mapping,
    });
    return methods;
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    throw new CommandError(
      `${source} does not conform to the text format: ${error.message}. Run thrift-metrics check on it.`,
      { cause: error },
    );
  }
}
