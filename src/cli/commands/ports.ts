import type { Mandate } from '../../../protocols/rule.ts';
import type { DeskOptions } from '../../desk/desk.ts';
import type { CheckedDraft } from '../../desk/drafts.ts';
import type { Network } from '../../desk/network.ts';
import type { DelegationDocuments } from '../../documents/delegation.ts';
import type { Channel } from '../../link/channel.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { fileHome } from '../../node/home/home.ts';
import type { LineLog } from '../../node/home/line-log.ts';
import { arbiterAt, nodeNetwork } from '../../node/net/network.ts';
import { StreamChannel } from '../../node/net/stream-channel.ts';
import { usageError } from '../terminal/failure.ts';
import { parseBits, parseDuration } from '../terminal/flags.ts';
import { openLog } from '../terminal/log.ts';
import { Narrator } from '../terminal/narrator.ts';
import { TerminalPerson } from '../terminal/person.ts';
import { useStandardStreams } from '../terminal/tty.ts';

/** The flags that every negotiation has. */
export interface PartyFlags {
  readonly identity?: string;
  readonly mandate?: string;
  readonly role?: string;
  readonly stdio?: boolean;
  readonly out?: string;
  readonly ledger?: string;
  readonly maxDisclosure?: string;
  /** The file of the log. */
  readonly log?: string;
  readonly wait: string;
  readonly timeout: string;
  /** The arbiter's address, if not the one in its card. */
  readonly arbiterAt?: string;
  /** The mandate certificate under which this person acts for somebody else. */
  readonly as?: string;
  /** The list of revocations that goes with it. */
  readonly revocations?: string;
  readonly json?: boolean;
}

/** The ports of a desk at this terminal. */
export interface Ports {
  readonly desk: DeskOptions;
  readonly narrator: Narrator;
  readonly log: LineLog | undefined;
  /** With `--stdio`, standard input and output. */
  readonly channel: Channel | undefined;
}

/** Makes the ports from flags. Throws InputError `ERR_USAGE`, `ERR_FILE`, before anything is connected. */
export async function openPorts(
  flags: PartyFlags,
  options: {
    readonly signal: AbortSignal;
    readonly initiator: boolean;
    readonly onTerms?: (draft: CheckedDraft) => Promise<void>;
  },
): Promise<Ports> {
  const { signal, initiator, onTerms } = options;
  const { wait, stdio = false, json = false } = flags;
  const clocks = { wait: parseDuration(wait, '--wait'), timeout: parseDuration(flags.timeout, '--timeout') };
  const maxDisclosure = flags.maxDisclosure === undefined ? undefined : parseBits(flags.maxDisclosure);
  useStandardStreams(flags);
  const narrator = new Narrator({
    wait,
    quiet: json || stdio,
    piped: stdio,
    ...(onTerms !== undefined && { onTerms }),
  });
  const home = fileHome({
    identity: flags.identity,
    ledger: flags.ledger,
    agreement: flags.out,
    keepsAgreements: !json,
  });
  const mandate = await readMandate(flags.mandate);
  const log = await openLog(flags.log);
  const person = new TerminalPerson(narrator);
  return {
    desk: {
      home,
      network: networkOf(flags),
      person,
      mandate,
      delegation: await readDelegationFiles(flags),
      maxDisclosure,
      ...clocks,
      signal,
      log: log?.write,
    },
    narrator,
    log,
    channel: stdio ? new StreamChannel(process.stdin, process.stdout, initiator) : undefined,
  };
}

/** The network; where the person names the arbiter's address, with that one in place of the one in its card. */
function networkOf({ arbiterAt: at }: PartyFlags): Network {
  if (at === undefined) return nodeNetwork;
  return { ...nodeNetwork, arbiter: (_, options) => arbiterAt(at, { configured: true, ...options }) };
}

/** What `--as` and `--revocations` say. Their signatures are checked when they are used. */
async function readDelegationFiles({
  as,
  revocations,
}: PartyFlags): Promise<DelegationDocuments | undefined> {
  if (as === undefined) {
    if (revocations === undefined) return undefined;
    throw usageError('--revocations goes with a mandate certificate', 'add --as CERTIFICATE');
  }
  const list = revocations && (await readBytes(revocations, 'the list of revocations'));
  return { certificate: await readBytes(as, 'the mandate certificate'), ...(list && { revocations: list }) };
}

/** The mandate in a file; undefined if the person at the terminal is to be asked later. */
async function readMandate(path: string | undefined): Promise<Mandate | undefined> {
  return path === undefined ? undefined : ((await readJson(path, 'the mandate')) as Mandate);
}
