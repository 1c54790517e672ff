import type { Bits } from '../circuit/bits.ts';
import type { Party } from '../circuit/party.ts';
import type { Point } from '../crypto/group.ts';
import type { Random } from '../crypto/random.ts';
import type { Link } from '../link/link.ts';
import type { EscrowLabel } from './label.ts';
import { drawBits, Escrow } from './making.ts';
import { jointSalt } from './masked.ts';
import { escrowDeposit } from './messages.ts';
import type { EscrowContext } from './record.ts';
import { decodeCiphertexts } from './verify.ts';

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

/** F0 and F1 at one party: its own escrow, made, and what the peer deposits. Neither depends on a mandate. */
export class Deposit {
  readonly options: DepositOptions;
  /** o′ ‖ ρ_0 ‖ … ‖ ρ_39 of this party, until the escrow is answered or discarded. */
  readonly bits: Bits;
  readonly escrow: Escrow;
  private received: PeerDeposit | undefined;

  private constructor(options: DepositOptions, bits: Bits, escrow: Escrow) {
    this.options = options;
    this.bits = bits;
    this.escrow = escrow;
  }

  /** F0: 80 encryptions. */
  static async make(options: DepositOptions, signal?: AbortSignal): Promise<Deposit> {
    const { party, labels, key, width, random } = options;
    const bits = drawBits(width, random);
    try {
      const escrow = await Escrow.make({ label: labels[party], key, width, bits, random }, signal);
      return new Deposit(options, bits, escrow);
    } catch (error) {
      bits.fill(0);
      throw error;
    }
  }

  /** F1. */
  async send(link: Link): Promise<void> {
    const { ciphertexts, salt } = this.escrow;
    await link.send(escrowDeposit, this.options.width, { ciphertexts, salt });
  }

  /** F1: the peer's deposit, decoded. */
  async receive(link: Link): Promise<void> {
    const { width } = this.options;
    const { ciphertexts, salt } = await link.receive(escrowDeposit, width);
    this.received = { ciphertexts: decodeCiphertexts(ciphertexts, width), salt: salt.slice() };
  }

  /** The peer's 80 ciphertexts. Throws before they are there. */
  get ciphertexts(): readonly Uint8Array[] {
    return this.peer().ciphertexts;
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

  /** Zeroes what has not been answered. */
  discard(): void {
    this.bits.fill(0);
    this.escrow.discard();
  }

  private peer(): PeerDeposit {
    if (this.received === undefined) throw new Error('the deposits are exchanged first');
    return this.received;
  }
}
