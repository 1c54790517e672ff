import { SURPLUS_BITS } from '../../protocols/random-split/index.ts';
import { PAIRS, TAG_BITS } from '../../src/escrow/parameters.ts';
import { bucketSize, GATES_PER_KEY, LEAKY_PER_KEY } from '../../src/garbling/authenticated/parameters.ts';
import { planFor } from '../../src/garbling/authenticated/silent-plan.ts';
import { SEGMENT } from '../../src/ot/extension/check.ts';
import { COLUMNS, DEFAULT_DEPTH } from '../../src/ot/extension/parameters.ts';
import { SILENT_SIZES } from '../../src/ot/silent/sizes.ts';
import { ROOTS, TRIAL_DIVISION_BOUND } from '../../src/paillier/key-proof/parameters.ts';
import { CHALLENGE_BITS, MULTIPLIER_BITS, maskWidth } from '../../src/seals/parameters.ts';
import { MOST_BITS } from '../../src/session/sealed-engine.ts';
import { bucketError } from './buckets.ts';
import type { Case } from './cases.ts';
import { choose, type Exact, exact, largest, plus, powerOfTwo, times, ZERO } from './exact.ts';
import { powerText } from './text.ts';

/** Operations (AES blocks, hash computations) of a cheater while a session lives, and of anyone who works on a recording, as powers of two. */
export const LIVE_WORK = 60;
export const ANY_WORK = 80;

/** Trees of the OT extension. */
const TREES = COLUMNS / DEFAULT_DEPTH;
/** Pieces of 128 bits of the largest fingerprinted input. */
const PIECES = MOST_BITS / 128;
/** Bits of Δ that nobody but its owner knows. */
const SECRET_BITS = 126;
/** Blocks of 16 bytes in the largest record, and bytes of a session on one key at most. */
const RECORD_BLOCKS = 1 << 16;
const SESSION_BYTES = 40;

/** The most nodes of one silent extension that are hashed and not known to its receiver: one a level of each tree, but the first. */
const SILENT_NODES = Math.max(...SILENT_SIZES.map(({ depth, mostTrees }) => mostTrees * (depth - 1)));

/** Silent extensions in each direction at most: twice the bits of triples and output masks, which is more than all masks of inputs. */
function extensions({ preparations }: Case): number {
  const bits = preparations.map((count) => 2 * count * (3 * bucketSize(count) + 1));
  return bits.reduce((sum, count) => sum + planFor(count, 0).rounds.length, 0);
}

/** Where a term belongs: to every computation, to what a session adds around it, or to what makes its reveal fair, where there is an arbiter. */
const layers = ['computation', 'session', 'fair reveal'] as const;
export type Layer = (typeof layers)[number];

/** How often a term counts on one connection, if several negotiations run over it. */
type Counts = 'once' | 'each negotiation';

/** One way in which a cheater may succeed, with a bound on its probability. */
export interface Term {
  readonly name: string;
  readonly layer: Layer;
  readonly counts: Counts;
  /** The bound as text. */
  readonly formula: string;
  /** The bound for a case; `work` is a number of operations, which terms that hold against any work ignore. 0 where it does not occur. */
  bound(of: Case, work: Exact): Exact;
  /** Whether it depends on work. */
  readonly byWork: boolean;
}

/** Terms that hold however much a cheater computes. */
const statistical: readonly Omit<Term, 'byWork'>[] = [
  {
    name: 'buckets',
    layer: 'computation',
    counts: 'once',
    formula: 'max q(t)/(2ᵗ − 1), lemma 1',
    bound: ({ preparations }) =>
      largest(...[...new Set(preparations)].map((count) => bucketError(count, bucketSize(count)))),
  },
  {
    name: 'price drawn by scaling (`random-split`)',
    layer: 'computation',
    counts: 'each negotiation',
    formula: 'n/2^(w+41), for n ≤ 2^w prices',
    bound: ({ drawn }) => (drawn === undefined ? ZERO : powerOfTwo(-SURPLUS_BITS - 1)),
  },
  {
    name: 'a forged MAC or label, bets on Δ included',
    layer: 'computation',
    counts: 'once',
    formula: '2·2⁻¹²⁶, lemma 3',
    bound: () => powerOfTwo(1 - SECRET_BITS),
  },
  {
    name: 'leaves of E silent extensions',
    layer: 'computation',
    counts: 'each negotiation',
    formula: 'E·(252/2¹²⁸)^½, that is E/2⁶⁰',
    bound: (of) => {
      // The square root of SEGMENT/2^COLUMNS, rounded up to a power of two.
      const bits = Math.floor((COLUMNS - Math.log2(SEGMENT)) / 2);
      return times(exact(extensions(of)), powerOfTwo(-bits));
    },
  },
  {
    name: 'a false proof about what was entered',
    layer: 'session',
    counts: 'once',
    formula: '3·2⁻¹²⁶, lemmas 2 and 3',
    bound: ({ sealed }) => (sealed === undefined ? ZERO : times(exact(3), powerOfTwo(-SECRET_BITS))),
  },
  {
    name: 'a false link of a seal',
    layer: 'session',
    counts: 'once',
    formula: '2⁻⁴⁰, lemma 2',
    bound: ({ sealed }) => (sealed === undefined ? ZERO : powerOfTwo(-CHALLENGE_BITS)),
  },
  {
    name: 'an escrow that opens to no mask',
    layer: 'fair reveal',
    counts: 'once',
    formula: '2⁻⁴⁰, lemma 2',
    bound: ({ arbiter }) => (arbiter ? powerOfTwo(-PAIRS) : ZERO),
  },
  {
    name: 'a wrong mask in an escrow, with the right tag',
    layer: 'fair reveal',
    counts: 'each negotiation',
    formula: '40·2⁻⁴⁸',
    bound: ({ arbiter }) => (arbiter ? times(exact(PAIRS), powerOfTwo(-TAG_BITS)) : ZERO),
  },
  {
    name: 'what t = k(e)·x + m shows of x',
    layer: 'session',
    counts: 'each negotiation',
    formula: '(2⁷⁷ − 1)(2^ℓ − 1)/2^(ℓ+117)',
    bound: ({ sealed }) =>
      sealed === undefined
        ? ZERO
        : exact(
            ((1n << BigInt(MULTIPLIER_BITS)) - 1n) * ((1n << BigInt(sealed)) - 1n),
            1n << BigInt(maskWidth(sealed)),
          ),
  },
  {
    name: 'a forged record (AES-256-GCM)',
    layer: 'session',
    counts: 'once',
    formula: '(2¹⁶ + 3)/2¹²⁸',
    bound: () => exact(RECORD_BLOCKS + 3, 1n << 128n),
  },
  {
    name: 'a forged handshake message (Poly1305)',
    layer: 'session',
    counts: 'once',
    formula: '8·2¹¹/2¹⁰⁶, messages below 32 KiB',
    bound: () => powerOfTwo(14 - 106),
  },
  {
    name: 'records told from noise (AES-256-GCM, 1 TiB)',
    layer: 'session',
    counts: 'once',
    formula: '(2³⁶)²/2¹²⁹',
    bound: () => powerOfTwo(2 * (SESSION_BYTES - 4) - 129),
  },
];

/** Terms that grow with the operations W that are spent on them. */
const byWork: readonly Omit<Term, 'byWork'>[] = [
  {
    name: 'hash of leaky ANDs (TMMO)',
    layer: 'computation',
    counts: 'once',
    formula: `16(W·q + E·q²)/2¹²⁸, q = 3·${powerText(Math.log2(LEAKY_PER_KEY))} under each of E keys`,
    bound: ({ preparations }, work) => {
      const keys = preparations.reduce(
        (sum, count) => sum + Math.ceil((count * bucketSize(count)) / LEAKY_PER_KEY),
        0,
      );
      const inputs = 3 * LEAKY_PER_KEY;
      const sum = plus(times(work, exact(inputs)), exact(BigInt(keys) * BigInt(inputs) ** 2n));
      return times(exact(16), sum, powerOfTwo(-128));
    },
  },
  {
    name: 'hash of labels',
    layer: 'computation',
    counts: 'once',
    formula: '2W·2²⁰/2¹²⁶ + E·2⁴⁰/2¹²⁸',
    bound: ({ batches }, work) => {
      // A batch begins with a key of its own, and goes on to the next when a chunk of gates does not fit any more.
      const keys = batches.reduce((sum, ands) => sum + Math.ceil(ands / GATES_PER_KEY) + 1, 0);
      const blocks = 4 * GATES_PER_KEY;
      return plus(
        times(exact(2), work, exact(blocks), powerOfTwo(-SECRET_BITS)),
        times(exact(keys), exact(blocks), exact(blocks), powerOfTwo(-128)),
      );
    },
  },
  {
    name: 'rows of the OT extension, each challenge tried',
    layer: 'computation',
    counts: 'once',
    formula: 'W·C(32, 2)·252/2¹²⁸',
    bound: (_, work) => times(work, exact(choose(TREES, 2) * BigInt(SEGMENT)), powerOfTwo(-128)),
  },
  {
    name: 'trees and streams of the OT extension',
    layer: 'computation',
    counts: 'once',
    formula: 'W·(128 + 252·32)/2¹²⁸',
    bound: (_, work) => times(work, exact(COLUMNS + SEGMENT * TREES), powerOfTwo(-128)),
  },
  {
    name: 'trees of E silent extensions',
    layer: 'computation',
    counts: 'once',
    formula: `2W·q/2¹²⁶ + E·q²/2¹²⁷, q = ${SILENT_NODES.toLocaleString('en')}`,
    bound: (of, work) => {
      const count = extensions(of);
      if (count === 0) return ZERO;
      return plus(
        times(exact(2), work, exact(SILENT_NODES), powerOfTwo(-SECRET_BITS)),
        times(exact(count), exact(SILENT_NODES), exact(SILENT_NODES), powerOfTwo(-127)),
      );
    },
  },
  {
    name: 'coins, seeds and keys of 128 bits',
    layer: 'computation',
    counts: 'once',
    formula: 'W·2⁹/2¹²⁸: 256 base seeds and all others, found by guessing',
    bound: (_, work) => times(work, powerOfTwo(9 - 128)),
  },
  {
    name: 'collisions of SHA-256 (commitments, openings, transcript, digests)',
    layer: 'computation',
    counts: 'once',
    formula: 'W²/2²⁵⁷',
    bound: (_, work) => times(work, work, powerOfTwo(-257)),
  },
  {
    name: 'fingerprints of a menu’s inputs',
    layer: 'session',
    counts: 'once',
    formula: 'W·2¹²/2¹²⁸',
    bound: ({ fingerprints }, work) => (fingerprints ? times(work, exact(PIECES), powerOfTwo(-128)) : ZERO),
  },
  {
    name: 'coefficients of proofs, each tried',
    layer: 'session',
    counts: 'once',
    formula: 'W/2¹²⁸',
    bound: ({ sealed }, work) => (sealed === undefined ? ZERO : times(work, powerOfTwo(-128))),
  },
  {
    name: 'proof of a seal key, each key tried',
    layer: 'session',
    counts: 'once',
    formula: `W·(2⁻¹⁶)⁸ + 8·2⁻¹²⁸`,
    bound: ({ sealed }, work) =>
      sealed === undefined
        ? ZERO
        : times(plus(work, exact(ROOTS)), exact(1n, BigInt(TRIAL_DIVISION_BOUND) ** BigInt(ROOTS))),
  },
];

export const terms: readonly Term[] = [
  ...statistical.map((term) => ({ ...term, byWork: false })),
  ...byWork.map((term) => ({ ...term, byWork: true })),
];

/** The terms of a computation, of a whole session, or of one with a fair reveal. */
export function termsOf(layer: Layer): Term[] {
  const most = layers.indexOf(layer);
  return terms.filter((term) => layers.indexOf(term.layer) <= most);
}

/** These terms added up. */
export function total(of: Case, layer: Layer, work: Exact): Exact {
  return plus(...termsOf(layer).map((term) => term.bound(of, work)));
}

/** What each further negotiation over one connection adds. */
export function perNegotiation(of: Case, work: Exact): Exact {
  return plus(
    ...terms.filter(({ counts }) => counts === 'each negotiation').map((term) => term.bound(of, work)),
  );
}
