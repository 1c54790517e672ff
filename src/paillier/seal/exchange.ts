import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Link } from '../../channel/link.ts';
import { check } from '../../crypto/check.ts';
import type { Random } from '../../crypto/random.ts';
import { Ciphertext } from '../ciphertext.ts';
import { isModulusLength, PublicKey } from '../public-key.ts';
import { Challenge, type Party } from './challenge.ts';
import { decodePeer } from './decode.ts';
import { checkPeerKey, type KeyMemory, type SealKey } from './keys.ts';
import { Mask } from './mask.ts';
import { sealedValue, sealKey, sealKeySize, sealMask } from './messages.ts';
import { Seal, type SealedValue } from './seal.ts';

export interface SealOptions {
  readonly link: Link;
  /** Identifier of this negotiation, 32 bytes, never the same twice. */
  readonly session: Uint8Array;
  readonly party: Party;
  /** Whether this party's masked inputs go out last: the garbler. The other side says the opposite. */
  readonly first: boolean;
  readonly key: SealKey;
  readonly sealed: SealedValue;
  /** Ed25519 public key of the peer, 32 bytes. */
  readonly peerIdentity: Uint8Array;
  /** Bits of the peer's sealed value, from the terms. */
  readonly peerWidth: number;
  readonly knownKeys: KeyMemory;
  readonly random: Random;
}

/** What both sides know after step 3, and what a `SealLink` goes on with, once. */
export interface SealExchange {
  readonly options: SealOptions;
  readonly own: SealedValue;
  readonly peer: Seal;
  /** The peer's key proof, for an opening that stands alone. */
  readonly peerProof: Uint8Array;
  readonly mask: Mask;
  /** The peer's C_m; second has it only during the link. */
  readonly peerMask: Ciphertext | undefined;
  readonly challenge: Challenge;
  readonly peerCommitment: Uint8Array;
}

/** Steps 1 to 3: both sides' keys, seals and commitments, and second's mask. */
export async function exchangeSeals(options: SealOptions): Promise<SealExchange> {
  const { link, first, key, sealed, session, party, random } = options;
  if (!sealed.seal.key.equals(key.key.publicKey)) throw new RangeError('the seal is under another key');
  const challenge = Challenge.create(session, party, random);
  if (first) {
    await sendSeal(options, challenge);
    await nextTurn();
  }
  const mask = Mask.create(key.key, sealed.seal.width, random);
  const received = await receiveSeal(options);
  if (!first) {
    const { bits } = key.key.publicKey;
    await Promise.all([
      sendSeal(options, challenge),
      link.send(sealMask, bits, { mask: mask.ciphertext.toBytes() }),
    ]);
  }
  const peerMask = first ? await receiveMask(link, received.seal.key) : undefined;
  // What was sent leaves before the proof is verified, so that both sides compute at once.
  await nextTurn();
  checkPeerKey(received.seal.key, options.peerIdentity, received.proof, options.knownKeys);
  return {
    options,
    own: sealed,
    peer: received.seal,
    peerProof: received.proof,
    mask,
    peerMask,
    challenge,
    peerCommitment: received.commitment,
  };
}

async function sendSeal({ link, key, sealed }: SealOptions, challenge: Challenge): Promise<void> {
  const { publicKey } = key.key;
  const size = new Uint8Array(2);
  new DataView(size.buffer).setUint16(0, publicKey.bits);
  await Promise.all([
    link.send(sealKeySize, undefined, { bits: size }),
    link.send(sealKey, publicKey.bits, { modulus: publicKey.toBytes(), proof: key.proof }),
    link.send(sealedValue, publicKey.bits, {
      seal: sealed.seal.ciphertext.toBytes(),
      commitment: challenge.commitment,
    }),
  ]);
}

async function receiveSeal(
  options: SealOptions,
): Promise<{ seal: Seal; proof: Uint8Array; commitment: Uint8Array }> {
  const { link, key, peerWidth } = options;
  const size = await link.receive(sealKeySize, undefined);
  const bits = new DataView(size.bits.buffer, size.bits.byteOffset, 2).getUint16(0);
  check('seal key size', isModulusLength(bits));
  const { modulus, proof } = await link.receive(sealKey, bits);
  const peerKey = decodePeer('seal key', () => PublicKey.fromBytes(modulus));
  check('seal keys differ', !peerKey.equals(key.key.publicKey));
  const { seal, commitment } = await link.receive(sealedValue, bits);
  const ciphertext = decodePeer('seal value', () => Ciphertext.fromBytes(peerKey, seal));
  return { seal: new Seal(ciphertext, peerWidth), proof: proof.slice(), commitment: commitment.slice() };
}

/** C_m of the peer. */
export async function receiveMask(link: Link, key: PublicKey): Promise<Ciphertext> {
  const { mask } = await link.receive(sealMask, key.bits);
  return decodePeer('seal mask', () => Ciphertext.fromBytes(key, mask));
}
