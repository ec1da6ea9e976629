import type { Command } from 'commander';

import type { ProcessStatus } from '../../status/process-status';
import { type CommandLine, EXIT } from '../command-line';
import { parseHeader, parseSeconds } from '../command-options';
import { withoutSecrets } from '../http-request';
import { shown, withNoun, writeText } from '../output';
import { diagnose, type Diagnosis } from './diagnose';
import { readStatus } from './read-status';
import { describeReport } from './report';
import { findTarget } from './target';

interface DoctorOptions {
  readonly json?: true;
  readonly header?: Record<string, string>;
  readonly insecure?: true;
  readonly timeout: number;
}

export function addDoctorCommand(program: Command, line: CommandLine): void {
  program
    .command('doctor')
    .summary('explain what is measured in a running process, and what is not')
    .description(
      'Asks a running process for its status, and prints what is instrumented, the versions, settings, series and faults. Ends with findings, each with what to change. Exits with code 1 if there are findings.',
    )
    .argument(
      '[target]',
      'URL of the endpoint, id of the process, or a file with the id (default: http://localhost:8000)',
    )
    .option('--json', 'print the status and the findings as JSON')
    .option('--header <name: value>', 'header to send; repeatable', parseHeader)
    .option('--insecure', 'accept any certificate')
    .option('--timeout <seconds>', 'time limit for each response', parseSeconds, 10)
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics doctor
  thrift-metrics doctor 4711
  thrift-metrics doctor /run/calculator.pid
  thrift-metrics doctor --header 'Authorization: Bearer token' https://calculator.example:8000`,
    )
    .action(async (target: string | undefined, options: DoctorOptions) => {
      const { header, insecure, timeout } = options;
      const found = findTarget(target, line.cwd);
      const requests = { headers: header ?? {}, insecure: insecure === true, timeout };
      const { url, status } = await readStatus(found, requests);
      await write(line, withoutSecrets(url), status, options);
    });
}

async function write(
  line: CommandLine,
  url: string,
  status: ProcessStatus,
  { json }: DoctorOptions,
): Promise<void> {
  const findings = diagnose(status);
  line.exitCode = findings.length > 0 ? EXIT.findings : EXIT.done;
  if (json) {
    const { form: _, ...rest } = status;
    await writeText(line.stdout, `${JSON.stringify({ url, ...rest, findings }, null, 2)}\n`);
    return;
  }
  const report = describeReport(status).map((text) => `${text}\n`);
  await writeText(line.stdout, [...report, '\n', ...findings.map(showFinding)].join(''));
  await writeText(line.stderr, `${url}: ${withNoun(findings.length, 'finding')}\n`);
}

function showFinding({ rule, text }: Diagnosis): string {
  return `finding ${rule}: ${shown(text, 1000)}\n`;
}
