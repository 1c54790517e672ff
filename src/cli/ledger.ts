import { fingerprint, publicJwk } from '../agreement/identity.ts';
import { Ledger, type PeerSummary } from '../agreement/ledger/index.ts';
import { decodePublicKey } from '../crypto/ed25519.ts';
import { isMissing } from './files.ts';
import { homeIdentity } from './home.ts';
import { printJson, say, style } from './terminal.ts';

export interface LedgerFlags {
  readonly identity?: string;
  readonly ledger?: string;
  readonly json?: boolean;
}

/** The folder of the ledger that belongs to an identity file, by default the person's own. */
export function ledgerPath({ identity, ledger }: Pick<LedgerFlags, 'identity' | 'ledger'>): string {
  return ledger ?? `${identity ?? homeIdentity()}.ledger`;
}

/** `parley ledger [--identity KEY | --ledger FOLDER] [--json]` */
export async function ledger(flags: LedgerFlags): Promise<void> {
  const path = ledgerPath(flags);
  const peers = (await isMissing(path)) ? [] : await (await Ledger.open(path)).list();
  const rows = await Promise.all(peers.map(describePeer));
  if (flags.json === true) printJson({ peers: rows });
  if (rows.length === 0) say('nothing has been released to anyone');
  for (const { fingerprint: name, disclosedBits, attempts } of rows) {
    say(`${style('bold', name)}  at most ${disclosedBits} bits disclosed`);
    for (const { matter, bits, time, agreed } of attempts) {
      say(
        `  ${time}  ${bits} bits  ${agreed ? 'agreed' : style('yellow', 'released, no agreement')}  “${matter}”`,
      );
    }
  }
}

async function describePeer({ peer, attempts, disclosedBits }: PeerSummary) {
  return {
    fingerprint: await fingerprint(publicJwk(decodePublicKey(peer))),
    disclosedBits: round(disclosedBits),
    attempts: attempts.map(({ matter, bits, time, agreement }) => ({
      matter,
      bits: round(bits),
      time,
      agreed: agreement !== undefined,
    })),
  };
}

function round(bits: number): number {
  return Math.round(1_000 * bits) / 1_000;
}
