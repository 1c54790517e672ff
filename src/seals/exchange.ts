import { platform } from '#platform';
import type { Party } from '../circuit/party.ts';
import { check } from '../crypto/check.ts';
import type { Random } from '../crypto/random.ts';
import { turn } from '../crypto/turns.ts';
import type { Link } from '../link/link.ts';
import type { Ciphertext } from '../paillier/ciphertext.ts';
import { isModulusLength, PublicKey } from '../paillier/public-key.ts';
import { Challenge } from './challenge.ts';
import { decodePeer } from './decode.ts';
import { EnteredSeal, receiveMask } from './entered-seal.ts';
import { type Exchange, ExchangingLink } from './exchanging-link.ts';
import { checkPeerKey, type KeyMemory, type SealKey } from './keys.ts';
import { Mask } from './mask.ts';
import { sealKey, sealKeySize, sealMask } from './messages.ts';
import type { Seal, SealedValue, SealForm } from './seal.ts';
import type { Halves } from './shown.ts';

export interface SealOptions {
  /** Identifier of this negotiation, 32 bytes, never used twice. */
  readonly session: Uint8Array;
  readonly party: Party;
  /** Whether this party's masked inputs go out last: the garbler. The other side gives the opposite. */
  readonly first: boolean;
  readonly key: SealKey;
  /** What the terms say about both parties' seals. */
  readonly form: SealForm;
  /** A fresh mask for a value of that width, if it was made ahead. */
  readonly mask?: Mask | undefined;
  /** Ed25519 public key of the peer, 32 bytes. */
  readonly peerIdentity: Uint8Array;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
  /** What else each party fixes before the challenges open: second right after its masked inputs, first with its seal. */
  readonly beside?: Halves | undefined;
}

/** What a party has received in step 3. */
export interface PeerKey {
  readonly key: PublicKey;
  /** The peer's commitment to its challenge. */
  readonly challenge: Uint8Array;
  /** The peer's C_m; first's comes only in step 4. */
  readonly mask: Ciphertext | undefined;
}

/** What is known once keys are exchanged. `keyChecked` resolves once the peer's key proof is verified. */
interface Exchanged {
  readonly peer: PeerKey;
  readonly keyChecked: Promise<void>;
}

/** The link between an engine and the peer, which takes keys along and then seals: from `enter` on first takes nothing before second's seal. */
export class SealExchange extends ExchangingLink {
  private keys: KeyExchange | undefined;
  private entered: EnteredSeal | undefined;

  /** Steps 1 and 2, and first's part of step 3. To be called once; no value is needed. */
  async begin(options: SealOptions): Promise<KeyExchange> {
    if (this.keys !== undefined) throw new Error('keys are exchanged once a session');
    const { first, key, form, session, party, random } = options;
    const mask = options.mask ?? Mask.create(key.key, form.width, random);
    if (!mask.fits(key.key.publicKey, form.width)) throw new RangeError('the mask does not fit the seal');
    const challenge = Challenge.create(session, party, random);
    const keys = new KeyExchange(this.link, options, challenge, mask);
    if (first) await keys.send();
    this.keys = keys;
    this.begun(keys);
    return keys;
  }

  /** Second's part of step 4, and what first needs for its own. To be called once, when the party's value is sealed; `admit` is called with the peer's seal. */
  async enter(sealed: SealedValue, admit?: (peer: Seal) => void): Promise<EnteredSeal> {
    const { keys } = this;
    if (keys === undefined) throw new Error('a seal follows the keys');
    if (this.entered !== undefined) throw new Error('seals are exchanged once a session');
    if (!sealed.seal.key.equals(keys.options.key.key.publicKey)) {
      throw new RangeError('the seal is under another key');
    }
    const entered = new EnteredSeal(keys, sealed, admit);
    if (!keys.options.first) await entered.send();
    this.entered = entered;
    return entered;
  }

  protected override async beforeReceiving(): Promise<void> {
    const { keys, entered } = this;
    if (keys?.first === true && entered?.done === false) await entered.peer();
  }
}

/** Steps 1 to 3 at one party: nothing of it needs a value. The peer's part comes when it is asked for. */
export class KeyExchange implements Exchange {
  /** The link itself, for what follows. */
  readonly link: Link;
  readonly options: SealOptions;
  readonly challenge: Challenge;
  readonly mask: Mask;
  private exchanging: Promise<Exchanged> | undefined;
  private over = false;

  constructor(link: Link, options: SealOptions, challenge: Challenge, mask: Mask) {
    this.link = link;
    this.options = options;
    this.challenge = challenge;
    this.mask = mask;
  }

  get first(): boolean {
    return this.options.first;
  }

  /** Whether the peer's part has arrived, and this side's has been sent. */
  get done(): boolean {
    return this.over;
  }

  /** First's part: its key with the proof, and its commitment to its challenge. The same is the first of second's. */
  async send(): Promise<void> {
    const { link, challenge } = this;
    const { publicKey } = this.options.key.key;
    const size = new Uint8Array(2);
    new DataView(size.buffer).setUint16(0, publicKey.bits);
    await Promise.all([
      link.send(sealKeySize, undefined, { bits: size }),
      link.send(sealKey, publicKey.bits, {
        modulus: publicKey.toBytes(),
        proof: this.options.key.proof,
        challenge: challenge.commitment,
      }),
    ]);
  }

  /** Step 3: the peer's part, checked but for its key proof; at second, sends its own in answer. */
  async exchanged(): Promise<PeerKey> {
    return (await this.once()).peer;
  }

  /** Resolves once the peer's key proof is verified. */
  async keyVerified(): Promise<void> {
    await (await this.once()).keyChecked;
  }

  private once(): Promise<Exchanged> {
    this.exchanging ??= this.run();
    return this.exchanging;
  }

  private async run(): Promise<Exchanged> {
    const { link, mask } = this;
    const { first, key, peerIdentity, knownKeys } = this.options;
    const { peer, proof } = await this.receive();
    if (!first) {
      const { bits } = key.key.publicKey;
      await Promise.all([this.send(), link.send(sealMask, bits, { mask: mask.ciphertext.toBytes() })]);
    }
    // Not before what was sent has left, so that both sides compute at the same time.
    const keyChecked = platform.nextTurn().then(async () => {
      await checkPeerKey(peer.key, peerIdentity, proof, knownKeys);
      if (!first) return;
      await turn();
      mask.ciphertext; // for step 4
    });
    keyChecked.catch(() => undefined); // reported where it is awaited
    this.over = true;
    return { peer, keyChecked };
  }

  private async receive(): Promise<{ readonly peer: PeerKey; readonly proof: Uint8Array }> {
    const { link, options } = this;
    const size = await link.receive(sealKeySize, undefined);
    const bits = new DataView(size.bits.buffer, size.bits.byteOffset, 2).getUint16(0);
    check('seal key size', isModulusLength(bits));
    const { modulus, proof, challenge } = await link.receive(sealKey, bits);
    const [kept, commitment] = [proof.slice(), challenge.slice()];
    const key = decodePeer('seal key', () => PublicKey.fromBytes(modulus));
    check('seal keys differ', !key.equals(options.key.key.publicKey));
    const mask = options.first ? await receiveMask(link, key) : undefined;
    return { peer: { key, challenge: commitment, mask }, proof: kept };
  }
}
