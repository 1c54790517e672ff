import type { Restoration } from '../../desk/home.ts';

/** Explains what follows from restoring a ledger from a backup. */
export function restorationText({ made, restored }: Restoration): string {
  return `your ledger was restored on ${restored} from a backup of ${made}: what was told to anyone in between is not counted`;
}
