import { membersOf } from '../../../protocols/define.ts';
import { readDispute } from '../../arbiter/index.ts';
import { arbiterFingerprint, readArbiterCard } from '../../documents/arbiter-card.ts';
import { openJws } from '../../documents/jws.ts';
import { quoted } from '../../documents/text.ts';
import { InputError } from '../../errors.ts';
import { readBytes } from '../../node/home/files.ts';
import { disputeFiles } from '../../node/store/index.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, failureLine } from '../terminal/failure.ts';
import { say, style } from '../terminal/terminal.ts';

/** A dispute that has not ended. */
export interface OpenDispute {
  readonly file: string;
  readonly subject: string;
  readonly complainBy: string;
  /** Whether the other side's engagement is there, so that this side can complain. */
  readonly engaged: boolean;
  /** Whether the other side has opened its part, too, so that this side has a proof without the arbiter. */
  readonly opened: boolean;
  /** The arbiter's fingerprint, and where it takes complaints. */
  readonly arbiter: { readonly fingerprint: string; readonly at?: string };
}

/** The disputes in a ledger's folder, those with the earliest deadline first, and the files that cannot be read, with the reason. */
export async function disputesIn(folder: string): Promise<{
  readonly open: readonly OpenDispute[];
  readonly damaged: readonly { readonly file: string; readonly why: string }[];
}> {
  const open: OpenDispute[] = [];
  const damaged: { file: string; why: string }[] = [];
  for (const file of await disputeFiles(folder)) {
    try {
      open.push(await readOpenDispute(file));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      damaged.push({ file, why: failureLine(describeFailure(error)) });
    }
  }
  open.sort((one, other) => Date.parse(one.complainBy) - Date.parse(other.complainBy));
  return { open, damaged };
}

async function readOpenDispute(file: string): Promise<OpenDispute> {
  const { engagement, engagements, peer } = readDispute(await readBytes(file, 'the dispute file'));
  const { subject } = membersOf(membersOf(openJws(engagement.engagement).payload).terms);
  const card = readArbiterCard(engagement.arbiter.card);
  return {
    file,
    subject: String(subject),
    complainBy: engagement.fair.complainBy,
    engaged: Object.keys(engagements).length > 1,
    opened: peer !== undefined,
    arbiter: { fingerprint: arbiterFingerprint(card), ...(card.at !== undefined && { at: card.at }) },
  };
}

/** Says what an open dispute is about, what its owner can do, and until when. */
export function sayDispute({ file, subject, complainBy, engaged, opened, arbiter }: OpenDispute): void {
  const over = Date.parse(complainBy) < Date.now();
  const until = `complaints ${over ? 'were' : 'are'} heard until ${complainBy}`;
  say(`${style('yellow', `dispute open, ${until}`)}  ${quoted(subject)}`);
  const { fingerprint, at } = arbiter;
  say(`  arbiter ${fingerprint}, ${at === undefined ? 'which takes complaints by file' : `at ${at}`}`);
  say(`  ${nextStep(engaged, opened, over)}: ${commandName()} complain ${file}`);
}

function nextStep(engaged: boolean, opened: boolean, over: boolean): string {
  if (opened) return 'the other side has opened its part, so you can have the proof at any time';
  return engaged && !over ? 'both have engaged, so complain now' : 'ask the arbiter after that time';
}
