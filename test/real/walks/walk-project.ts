import { onTestFinished } from 'vitest';

import type { packedPackage } from '../../consumers/projects';
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
