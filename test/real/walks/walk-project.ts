import { onTestFinished } from 'vitest';

import type { packedPackage } from '../../consumers/projects';
import { commandsOf } from '../../docs/commands';
import { blocksOf } from '../../docs/markdown';
import { BEFORE_PROMETHEUS, ProjectReader, type ProjectKind } from './project';

/** Follows the tutorial up to Prometheus in a project of one kind, then compiles the project and runs it again. */
export async function walkProject(
  thePackage: ReturnType<typeof packedPackage>,
  name: string,
  kind: ProjectKind,
  variables: Readonly<Record<string, string>> = {},
): Promise<ProjectReader> {
  const reader = await ProjectReader.create(thePackage, name, kind, variables);
  onTestFinished(() => reader.leave());
  await reader.followTutorial(BEFORE_PROMETHEUS);
  await reader.interrupt();
  await reader.followProjects('Compile with tsc');
  return reader;
}

/** Runs the program of the README with tsx in a project of one kind, then compiles it with tsc and runs it again. */
export async function walkReadme(
  thePackage: ReturnType<typeof packedPackage>,
  name: string,
  kind: ProjectKind,
  variables: Readonly<Record<string, string>> = {},
): Promise<void> {
  const reader = await ProjectReader.create(thePackage, name, kind, variables);
  onTestFinished(() => reader.leave());
  const program = blocksOf('README.md').find(({ title }) => title === 'calculator.mts');
  await reader.run(reader.adapt('mkdir ../project && cd ../project\nnpm init -y'));
  if (kind.modules !== undefined) await reader.run('npm pkg set type=module');
  await reader.run(reader.adapt(commandOf('npm install ')));
  await reader.run(reader.adapt(commandOf('npm install --save-dev ')));
  reader.save('calculator.mts', reader.adapt(program?.code ?? ''));

  const running = reader.start(reader.adapt(commandOf('npx tsx ')));

  await running.writes(/^3 http:\/\/localhost:\d+\/metrics$/m);
  await reader.interrupt();
  await reader.followProjects('Compile the program of the README');
}

/** The first command of the README that starts in this way. */
const commandOf = (start: string): string =>
  commandsOf('README.md').find((command) => command.startsWith(start)) ?? '';
