import type { TestProject } from 'vitest/node';

import { ensureNewerPrograms } from '../../scripts/newer-programs.mjs';

/** Global setup of the projects with programs that are newer than the system's. */
export default function installPrograms({ config }: TestProject): void {
  const { prometheus } = config.provide;
  if (prometheus !== undefined && prometheus !== 'system') ensureNewerPrograms(prometheus);
}
