import { platform } from '#platform';
import type { Party } from '../circuit/party.ts';
import { check } from '../crypto/check.ts';
import type { Random } from '../crypto/random.ts';
import { turn } from '../crypto/turns.ts';
import type { Link } from '../link/link.ts';
import type { Fields, MessageType } from '../link/message.ts';
import { Ciphertext } from '../paillier/ciphertext.ts';
import { isModulusLength, PublicKey } from '../paillier/public-key.ts';
import { Challenge } from './challenge.ts';
import { decodePeer } from './decode.ts';
import { checkPeerKey, type KeyMemory, type SealKey } from './keys.ts';
import { Mask } from './mask.ts';
import { sealCommitment, sealedValue, sealKey, sealKeySize, sealMask } from './messages.ts';
import { Seal, type SealedValue } from './seal.ts';

export interface SealOptions {
  /** Identifier of this negotiation, 32 bytes, never used twice. */
  readonly session: Uint8Array;
  readonly party: Party;
  /** Whether this party's masked inputs go out last: the garbler. The other side gives the opposite. */
  readonly first: boolean;
  readonly key: SealKey;
  readonly sealed: SealedValue;
  /** A fresh mask for that value, if it was made ahead. */
  readonly mask?: Mask | undefined;
  /** Ed25519 public key of the peer, 32 bytes. */
  readonly peerIdentity: Uint8Array;
  /** Bits of the peer's sealed value, from the terms. */
  readonly peerWidth: number;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
  /** Called with the peer's seal, before anything that depends on an input is sent. What it throws ends the session. */
  readonly admit?: (peer: Seal) => void;
}

/** What a party has received in step 3. */
export interface PeerSeal {
  readonly seal: Seal;
  /** The peer's key proof, for an opening that stands alone. */
  readonly proof: Uint8Array;
  readonly commitment: Uint8Array;
  /** The peer's C_m; second gets it only in step 5. */
  readonly mask: Ciphertext | undefined;
}

/** What a party has before anything of the peer's has arrived. */
interface Own {
  readonly options: SealOptions;
  readonly challenge: Challenge;
  readonly mask: Mask;
}

/** What a party has afterwards. `keyChecked` resolves once the peer's key proof is verified. */
interface Exchanged {
  readonly peer: PeerSeal;
  readonly keyChecked: Promise<void>;
}

/**
 * Steps 1 to 3. It stands between the engine and the link, and passes everything through until `start`. From then on it takes nothing
 * from the peer before the peer's seal, and second sends nothing before its own; so seals cost no flight.
 */
export class SealExchange implements Link {
  private readonly link: Link;
  private readonly early: readonly { readonly id: number }[];
  private started: StartedExchange | undefined;

  /** `early`: messages that the peer sends before it starts, and that this side may read only after it has. */
  constructor(link: Link, early: readonly { readonly id: number }[] = []) {
    this.link = link;
    this.early = early;
  }

  /** Steps 1 and 2, and first's part of step 3. To be called once, when the party's value is known. */
  async start(options: SealOptions): Promise<StartedExchange> {
    if (this.started !== undefined) throw new Error('seals are exchanged once a session');
    const { first, key, sealed, session, party, random } = options;
    const { seal } = sealed;
    if (!seal.key.equals(key.key.publicKey)) throw new RangeError('the seal is under another key');
    const mask = options.mask ?? Mask.create(key.key, seal.width, random);
    if (!mask.fits(seal.key, seal.width)) throw new RangeError('the mask does not belong to the seal');
    const challenge = Challenge.create(session, party, random);
    if (first) {
      await sendSeal(this.link, options, challenge);
      await platform.nextTurn();
    }
    this.started = new StartedExchange(this.link, { options, challenge, mask });
    return this.started;
  }

  async send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    const { started } = this;
    if (started?.own.options.first === false && !started.done) await started.exchanged();
    return this.link.send(type, shape, fields);
  }

  async receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    const { started } = this;
    const waits = started !== undefined && !started.done && !this.early.some(({ id }) => id === type.id);
    if (waits) await started.exchanged();
    return this.link.receive(type, shape);
  }
}

/** An exchange once this party's value is sealed: the peer's part comes when it is asked for. */
export class StartedExchange {
  /** The link itself, for what follows the exchange. */
  readonly link: Link;
  readonly own: Own;
  private exchanging: Promise<Exchanged> | undefined;
  private over = false;

  constructor(link: Link, own: Own) {
    this.link = link;
    this.own = own;
  }

  /** Whether the peer's part has arrived, and this side's has been sent. */
  get done(): boolean {
    return this.over;
  }

  /** Step 3: the peer's part, checked but for its key proof; at second, sends its own in answer. */
  async exchanged(): Promise<PeerSeal> {
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
    const { link } = this;
    const { options, challenge, mask } = this.own;
    const { first, key, peerIdentity, knownKeys } = options;
    const received = await receiveSeal(link, options);
    const peerMask = first ? await receiveMask(link, received.seal.key) : undefined;
    options.admit?.(received.seal);
    if (!first) {
      const { bits } = key.key.publicKey;
      await Promise.all([
        sendSeal(link, options, challenge),
        link.send(sealMask, bits, { mask: mask.ciphertext.toBytes() }),
      ]);
    }
    // Not before what was sent has left, so that both sides compute at the same time.
    const keyChecked = platform.nextTurn().then(async () => {
      await checkPeerKey(received.seal.key, peerIdentity, received.proof, knownKeys);
      if (!first) return;
      await turn();
      mask.ciphertext; // for step 5
    });
    keyChecked.catch(() => undefined); // reported where it is awaited
    this.over = true;
    return { peer: { ...received, mask: peerMask }, keyChecked };
  }
}

async function sendSeal(link: Link, { key, sealed }: SealOptions, challenge: Challenge): Promise<void> {
  const { publicKey } = key.key;
  const size = new Uint8Array(2);
  new DataView(size.buffer).setUint16(0, publicKey.bits);
  const { commitment } = sealed.seal;
  await Promise.all([
    link.send(sealKeySize, undefined, { bits: size }),
    link.send(sealKey, publicKey.bits, { modulus: publicKey.toBytes(), proof: key.proof }),
    link.send(sealedValue, publicKey.bits, {
      seal: sealed.seal.ciphertext.toBytes(),
      commitment: challenge.commitment,
    }),
    ...(commitment === undefined ? [] : [link.send(sealCommitment, undefined, { commitment })]),
  ]);
}

async function receiveSeal(
  link: Link,
  { key, sealed, peerWidth }: SealOptions,
): Promise<{ seal: Seal; proof: Uint8Array; commitment: Uint8Array }> {
  const size = await link.receive(sealKeySize, undefined);
  const bits = new DataView(size.bits.buffer, size.bits.byteOffset, 2).getUint16(0);
  check('seal key size', isModulusLength(bits));
  const { modulus, proof } = await link.receive(sealKey, bits);
  const peerKey = decodePeer('seal key', () => PublicKey.fromBytes(modulus));
  check('seal keys differ', !peerKey.equals(key.key.publicKey));
  const { seal, commitment } = await link.receive(sealedValue, bits);
  const ciphertext = decodePeer('seal value', () => Ciphertext.fromBytes(peerKey, seal));
  // By the terms, both entries have more than the sealed number or neither has.
  const rest = sealed.seal.commitment && (await link.receive(sealCommitment, undefined)).commitment.slice();
  return {
    seal: new Seal(ciphertext, peerWidth, rest),
    proof: proof.slice(),
    commitment: commitment.slice(),
  };
}

/** C_m of the peer. */
export async function receiveMask(link: Link, key: PublicKey): Promise<Ciphertext> {
  const { mask } = await link.receive(sealMask, key.bits);
  return decodePeer('seal mask', () => Ciphertext.fromBytes(key, mask));
}
