import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { CommandError, type CommandLine, EXIT } from '../command-line';
import { ExpositionError } from '../exposition';
import { firstLine } from '../output';
import type { RequestOptions } from '../http-request';
import { parseEndpoint, scrape } from '../scrape-endpoint';
import { parseServedMetrics } from '../served-metrics';
import { type ComparedDeclaration, parseList } from './compared-declaration';
import { servedDeclaration } from './served-declaration';

/** An address: with a scheme, with a port as in `localhost:8000`, `localhost` itself, or an IPv4 address. */
const ENDPOINT =
  /^(?:https?:\/\/|(?:[\w.-]+|\[[\da-f:]+\]):\d+(?:\/|$)|(?:localhost|\d+(?:\.\d+){3})(?:\/|$))/i;

export function isEndpoint(source: string): boolean {
  return ENDPOINT.test(source);
}

/**
 * Reads a declaration from a running endpoint, from a JSON file that `list --json` has written, or from a module.
 *
 * @throws {CommandError} if the source cannot be read.
 */
export async function readDeclaration(
  source: string,
  line: CommandLine,
  options: RequestOptions,
): Promise<ComparedDeclaration> {
  if (isEndpoint(source)) return readEndpoint(source, options);
  if (source.endsWith('.json')) return readList(source, line.cwd);
  return readModule(source, line, options.timeout);
}

async function readEndpoint(source: string, options: RequestOptions): Promise<ComparedDeclaration> {
  const { text } = await scrape(parseEndpoint(source), 'text', options);
  try {
    const declaration = servedDeclaration(parseServedMetrics(text, 'text'));
    if (declaration.methods.length === 0) throw withoutMethods(source);
    return declaration;
  } catch (error) {
    if (!(error instanceof ExpositionError)) throw error;
    throw new CommandError(
      `${source} does not conform to the text format: ${error.message}. Run thrift-metrics check on it.`,
      { cause: error },
    );
  }
}

/** Reports an endpoint that serves metrics, but none of a method. */
export function withoutMethods(source: string): CommandError {
  return new CommandError(
    `${source} serves no metric of a Thrift method. Check the URL, and whether the program has created its server.`,
  );
}

async function readList(source: string, cwd: string): Promise<ComparedDeclaration> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, source), 'utf8');
  } catch (error) {
    throw new CommandError(`${source} cannot be read: ${firstLine(error)}. Check the path.`, {
      cause: error,
    });
  }
  const declaration = parseList(text);
  if (declaration === null) {
    throw new CommandError(
      `${source} is not a list of declarations. Write it by thrift-metrics list --json.`,
    );
  }
  return declaration;
}

/**
 * Lists a module in a process of its own, because two versions of one class would replace each other within a process. What
 * the module prints goes to standard error, as with the other commands.
 */
async function readModule(
  source: string,
  { cwd, stderr }: CommandLine,
  timeout: number,
): Promise<ComparedDeclaration> {
  const [, main = ''] = process.argv;
  const list = [main, 'list', '--json', '--timeout', String(timeout), '--', source];
  const child = spawn(process.execPath, [...process.execArgv, ...list], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output: Buffer[] = [];
  const errors: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = Buffer.concat(errors).toString().trimEnd().split('\n');
  if (code !== EXIT.done) {
    const last = lines.pop() ?? '';
    stderr.write(lines.map((each) => `${each}\n`).join(''));
    throw new CommandError(
      last.replace(/^thrift-metrics: /, '') ||
        `${source} cannot be loaded. Run thrift-metrics list on it to see why.`,
    );
  }
  stderr.write(errors.length === 0 ? '' : `${lines.join('\n')}\n`);
  const declaration = parseList(Buffer.concat(output).toString());
  if (declaration === null) {
    throw new CommandError(
      `${source} writes to standard output, where its declarations are expected. Let it write to standard error.`,
    );
  }
  return declaration;
}
