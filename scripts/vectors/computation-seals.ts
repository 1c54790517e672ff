import { type Bits, bitsToBigint, packBits } from '../../src/circuit/bits.ts';
import { combine } from '../../src/circuit/combinations.ts';
import type { Party } from '../../src/circuit/party.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { integerToBytes } from '../../src/crypto/integers.ts';
import { caseOf, type Fair } from '../../src/documents/fair.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import {
  combinations,
  commitMasked,
  drawBits,
  Escrow,
  EscrowKey,
  escrowLabel,
  jointSalt,
  matrixSeed,
  openEscrow,
  recordDigest,
  tagMatrix,
} from '../../src/escrow/index.ts';
import { PrivateKey } from '../../src/paillier/index.ts';
import { Challenge } from '../../src/seals/challenge.ts';
import { linkCircuit, linkOffset } from '../../src/seals/circuit.ts';
import { fingerprintMask } from '../../src/seals/commitment.ts';
import { Mask } from '../../src/seals/mask.ts';
import { multiplierOf } from '../../src/seals/multiplier.ts';
import { maskWidth } from '../../src/seals/parameters.ts';
import { sealValue } from '../../src/seals/seal.ts';
import keys from '../../test/fixtures/paillier-keys.json' with { type: 'json' };
import { recordingRandom } from './computation-dealt.ts';
import { identity } from './people.ts';
import { hex, type Maker, seeded } from './shape.ts';

/** Keys whose primes are published. */
const paillierKeys = (keys as unknown[]).map((key) => PrivateKey.importJson(key));

const LINK_WIDTH = 11;
/** Challenges at the ends, and others. */
const challenges = [0n, 1n, 2n ** 40n - 1n, 0x55_5555_5555n, 0x9a_bcde_f012n];

/** Both parties' seals of a number, and what each shows to the other. */
function link(session: Uint8Array) {
  const own = {
    a: Challenge.create(session, 'a', seeded(71)),
    b: Challenge.create(session, 'b', seeded(72)),
  };
  const values = { a: 1_234n, b: 987n };
  const side = (party: Party, index: number) => {
    const peer = party === 'a' ? 'b' : 'a';
    const key = paillierKeys[index]!;
    const sealed = sealValue(key, values[party], LINK_WIDTH, seeded(73 + index));
    const mask = Mask.create(key, LINK_WIDTH, seeded(75 + index));
    const { value, opening, commitment } = own[peer];
    const hidden = bitsToBigint(mask.bits());
    const ciphertext = mask.ciphertext.toBytes();
    const multiplier = multiplierOf(value);
    return {
      modulus: hex(key.publicKey.toBytes()),
      x: values[party].toString(),
      randomness: hex(sealed.randomness.toBytes()),
      seal: hex(sealed.seal.ciphertext.toBytes()),
      fingerprintMask: hex(fingerprintMask(sealed.randomness, session)),
      m: hidden.toString(),
      mask: hex(ciphertext),
      challenge: { e: hex(opening.challenge), nonce: hex(opening.nonce), commitment: hex(commitment) },
      t: (multiplier * values[party] + hidden).toString(),
      answer: hex(mask.answer(sealed, value).toBytes()),
    };
  };
  return { a: side('a', 0), b: side('b', 1) };
}

export const sealLink: Maker = {
  about:
    'The link between seals and the circuit: multipliers, circuits, and what two parties show each other.',
  make() {
    const session = seeded(70)(32);
    return {
      width: LINK_WIDTH,
      multipliers: challenges.map((e) => ({
        e: hex(integerToBytes(e, 5)),
        multiplier: multiplierOf(e).toString(),
        offset: linkOffset(LINK_WIDTH, e).toString(),
        ands: linkCircuit(LINK_WIDTH, e).ands,
        circuit: hex(linkCircuit(LINK_WIDTH, e).digest),
      })),
      room: 7 * LINK_WIDTH + maskWidth(LINK_WIDTH),
      session: hex(session),
      sides: link(session),
    };
  },
};

const WIDTH = 11;
/** Any digest of terms, and times. */
const facts = { terms: seeded(81)(32), session: seeded(82)(32) };

/** One party's escrow from its making to what the arbiter opens of it. */
async function escrowOf(key: EscrowKey, party: Party, role: string, seed: number) {
  const label = escrowLabel({ ...facts, role, key: key.publicKey });
  const { random, drawn } = recordingRandom(seed);
  const bits: Bits = drawBits(WIDTH, random);
  const context = { label, key: key.publicKey, width: WIDTH };
  const made = await Escrow.make({ ...context, bits, random });
  const { ciphertexts, salt } = made;
  const challenge = Challenge.create(facts.session, party === 'a' ? 'b' : 'a', seeded(seed + 1));
  const matrix = matrixSeed(label, challenge.opening.nonce);
  const asked = { challenge: challenge.value, matrix };
  const opened = combine(combinations(challenge.value, tagMatrix(matrix, WIDTH)), bits);
  const answered = made.answer({ ...asked, opened });
  const { record, seeds } = answered;
  const shown = { challenge: record.challenge, ciphertexts: record.ciphertexts };
  const answers = openEscrow(key, label, { ...shown, second: new Uint8Array(32) });
  const opening = answered.open();
  return {
    salt,
    digest: recordDigest(record),
    mask: bits.slice(0, WIDTH),
    members: {
      role,
      label: hex(label),
      bits: hex(packBits(bits)),
      seeds: hex(concatBytes(...drawn.slice(1, 81))),
      deposit: { ciphertexts: hex(ciphertexts), salt: hex(salt) },
      challenge: {
        e: hex(challenge.opening.challenge),
        nonce: hex(challenge.opening.nonce),
        commitment: hex(challenge.commitment),
      },
      combinations: hex(packBits(opened)),
      answer: { seeds: hex(seeds) },
      record: hex(recordDigest(record)),
      maskOpening: { mask: hex(opening.mask), index: opening.index, seed: hex(opening.seed) },
      arbiter: answers.map((one) => ({ plaintext: hex(one!.plaintext), seed: hex(one!.seed) })),
    },
  };
}

export const escrow: Maker = {
  about: 'Escrows of both parties: ciphertexts, openings, records, the case, and what the arbiter opens.',
  async make() {
    const secret = seeded(83)(32).slice();
    secret[31]! &= 0x0f;
    const key = EscrowKey.fromBytes(secret);
    const arbiter = rawPublicKey(identity(84).publicKey);
    const proof = key.provePossession(arbiter, seeded(85));
    const a = await escrowOf(key, 'a', 'seller', 86);
    const b = await escrowOf(key, 'b', 'buyer', 88);
    const outcome = Uint8Array.from({ length: WIDTH }, (_, i) => (i % 3 === 0 ? 1 : 0));
    const masked = outcome.map((bit, i) => bit ^ a.mask[i]! ^ b.mask[i]!);
    const salt = jointSalt(a.salt, b.salt);
    const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
    const commitment = commitMasked(facts.session, salt, masked);
    const fair: Fair = {
      escrows: { buyer: text(b.digest), seller: text(a.digest) },
      masked: text(commitment),
      complainBy: '2027-01-01T00:10:00Z',
    };
    return {
      key: {
        secret: hex(secret),
        public: hex(key.publicKey),
        identity: hex(arbiter),
        possession: hex(proof),
      },
      session: hex(facts.session),
      terms: hex(facts.terms),
      width: WIDTH,
      parties: { a: a.members, b: b.members },
      masked: hex(packBits(masked)),
      salt: hex(salt),
      commitment: hex(commitment),
      fair,
      case: hex(caseOf({ ...facts, fair })),
      outcome: hex(packBits(outcome)),
    };
  },
};
