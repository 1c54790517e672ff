import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, though some are short: what begins last should not keep one core busy alone. A run that knows how long each took orders them all. */
const slow = [
  'test/adversary/transcript.test.ts',
  'test/adversary/wire.test.ts',
  'test/adversary/statistics.test.ts',
  'test/package.test.ts',
  'test/cli/first-deal.test.ts',
  'test/cli/reading-invites.test.ts',
  'test/cli/leaving.test.ts',
  'test/cli/processes.test.ts',
  'test/readme.test.ts',
  'test/cli/faults.test.ts',
  'test/cli/terminal.test.ts',
  'test/desk/probing.test.ts',
  'test/error-budget.test.ts',
  'test/node/store/locks.test.ts',
  'test/session/unfitting-mandates.test.ts',
];

/** Where a file stands: first those that need a process each, so that those after them share one to the end; of both, the slow ones first. */
function place({ moduleId, project }: TestSpecification): number {
  const among = slow.findIndex((file) => moduleId.endsWith(`/${file}`));
  return (project.name === 'alone' ? 0 : slow.length + 1) + (among < 0 ? slow.length : among);
}

/** Vitest's order, with the slow files before all others. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => place(one) - place(other));
  }
}
