import { membersOf } from '../../../protocols/define.ts';
import { readDispute } from '../../arbiter/index.ts';
import { openJws } from '../../documents/jws.ts';
import { readBytes } from '../../node/home/files.ts';
import { disputeFiles } from '../../node/store/index.ts';

/** A dispute that has not ended. */
export interface OpenDispute {
  readonly file: string;
  readonly subject: string;
  readonly complainBy: string;
  /** Whether the other side's engagement is there, so that this side can complain. */
  readonly engaged: boolean;
}

/** The disputes in a ledger's folder. Throws InputError `ERR_DISPUTE_INVALID` for a damaged one. */
export async function openDisputes(folder: string): Promise<OpenDispute[]> {
  const open: OpenDispute[] = [];
  for (const file of await disputeFiles(folder)) {
    const { engagement, engagements } = readDispute(await readBytes(file, 'the dispute file'));
    const { subject } = membersOf(membersOf(openJws(engagement.engagement).payload).terms);
    open.push({
      file,
      subject: String(subject),
      complainBy: engagement.fair.complainBy,
      engaged: Object.keys(engagements).length > 1,
    });
  }
  return open;
}
