import type { TestModule, TestSequencer, TestSpecification, Vitest } from 'vitest/node';

export function ended(module: TestModule): void;

export class QuickFirst implements TestSequencer {
  constructor(vitest: Vitest);
  shard(files: TestSpecification[]): Promise<TestSpecification[]>;
  sort(files: TestSpecification[]): Promise<TestSpecification[]>;
}
