import { BaseSequencer, type TestSpecification } from 'vitest/node';
import type { Process } from './processes.ts';

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

/** Kinds of processes in their order: files of one kind run one after another, so that they share their processes to the end. */
const order: readonly string[] = ['alone', 'cheating', 'shared'] satisfies Process[];

/** Where a file stands: by the process it runs in, and the slow ones first. */
function place({ moduleId, project }: TestSpecification): number {
  const among = slow.findIndex((file) => moduleId.endsWith(`/${file}`));
  return order.indexOf(project.name) * (slow.length + 1) + (among < 0 ? slow.length : among);
}

/** Vitest's order, with the slow files before all others. */
export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.sort((one, other) => place(one) - place(other));
  }
}
