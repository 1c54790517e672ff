import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, though some are short: what begins last should not keep one core busy alone. A run that knows how long each took orders them all. */
const slow = [
  'test/cli/reading-invites.test.ts',
  'test/cli/leaving.test.ts',
  'test/package.test.ts',
  'test/cli/processes.test.ts',
  'test/readme.test.ts',
  'test/cli/faults.test.ts',
  'test/desk/probing.test.ts',
  'test/error-budget.test.ts',
  'test/node/store/locks.test.ts',
  'test/session/unfitting-mandates.test.ts',
];

/** Vitest's order, with the slow files before all others. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isSlow = ({ moduleId }: TestSpecification) => slow.some((file) => moduleId.endsWith(`/${file}`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isSlow), ...sorted.filter((file) => !isSlow(file))];
  }
}
