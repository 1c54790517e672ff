import type { Bits } from '../circuit/bits.ts';
import type { Party } from '../circuit/party.ts';
import type { Point } from '../crypto/group.ts';
import type { Random } from '../crypto/random.ts';
import { inBackground, type Slices } from '../crypto/slices.ts';
import { ParleyError } from '../errors.ts';
import type { Link } from '../link/link.ts';
import type { EscrowLabel } from './label.ts';
import { drawBits, Escrow } from './making.ts';
import { jointSalt } from './masked.ts';
import { escrowDeposit } from './messages.ts';
import type { EscrowContext } from './record.ts';
import { splitCiphertexts } from './verify.ts';

export interface DepositOptions {
  readonly party: Party;
  /** Both parties' labels. */
  readonly labels: Readonly<Record<Party, EscrowLabel>>;
  /** The arbiter's escrow key, h. */
  readonly key: Point;
  /** Bits of the outcome. */
  readonly width: number;
  readonly random: Random;
}

/** What the peer has deposited. */
interface PeerDeposit {
  readonly ciphertexts: readonly Uint8Array[];
  readonly salt: Uint8Array;
}

/** F0 and F1 at one party: its own escrow, which is made in the background, and what the peer deposits. Neither depends on a mandate. */
export class Deposit {
  readonly options: DepositOptions;
  /** o′ ‖ ρ_0 ‖ … ‖ ρ_39 of this party, until the escrow is answered or discarded. */
  readonly bits: Bits;
  private readonly slices: Slices<Escrow>;
  private readonly making: Promise<Escrow>;
  private readonly stopping = new AbortController();
  private made: Escrow | undefined;
  private received: PeerDeposit | undefined;

  /** F0: begins 80 encryptions. */
  constructor(options: DepositOptions) {
    const { party, labels, key, width, random } = options;
    this.options = options;
    this.bits = drawBits(width, random);
    this.slices = Escrow.making({ label: labels[party], key, width, bits: this.bits, random });
    this.making = inBackground(this.slices, this.stopping.signal).then((escrow) => {
      if (this.stopping.signal.aborted) escrow.discard();
      this.made = escrow;
      return escrow;
    });
    this.making.catch(() => undefined); // reported where it is awaited
  }

  /** Once the escrow is made. */
  async ready(): Promise<void> {
    await this.making;
  }

  /** F1, once the escrow is made. */
  async send(link: Link): Promise<void> {
    const { ciphertexts, salt } = await this.making;
    await link.send(escrowDeposit, this.options.width, { ciphertexts, salt });
  }

  /** F1: the peer's deposit, decoded. */
  async receive(link: Link): Promise<void> {
    const { width } = this.options;
    const { ciphertexts, salt } = await link.receive(escrowDeposit, width);
    this.received = { ciphertexts: splitCiphertexts(ciphertexts, width), salt: salt.slice() };
  }

  /** The peer's 80 ciphertexts. Throws before they are there. */
  get ciphertexts(): readonly Uint8Array[] {
    return this.peer().ciphertexts;
  }

  /** This party's own escrow. Throws before it is made. */
  get escrow(): Escrow {
    if (this.made === undefined) throw new Error('an escrow is made before it is used');
    return this.made;
  }

  /** s, from both parties' salts. */
  salt(): Uint8Array {
    const [own, theirs] = [this.escrow.salt, this.peer().salt];
    return this.options.party === 'a' ? jointSalt(own, theirs) : jointSalt(theirs, own);
  }

  /** What a party's escrow is for. */
  contextOf(party: Party): EscrowContext {
    const { labels, key, width } = this.options;
    return { label: labels[party], key, width };
  }

  /** Zeroes what has not been answered. What is still being made ends here. */
  discard(): void {
    this.bits.fill(0);
    this.stopping.abort(new ParleyError('ERR_CLOSED', 'the session was closed'));
    this.slices.return(undefined as never); // does nothing to work that is done
    this.made?.discard();
  }

  private peer(): PeerDeposit {
    if (this.received === undefined) throw new Error('the deposits are exchanged first');
    return this.received;
  }
}
