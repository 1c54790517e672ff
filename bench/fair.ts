import { defineArbiter, memoryCases, readDispute, requestOf } from '../src/arbiter/index.ts';
import { combine } from '../src/circuit/combinations.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { cryptoReady } from '../src/crypto/ready.ts';
import {
  combinations,
  drawBits,
  Escrow,
  escrowLabel,
  matrixSeed,
  splitCiphertexts,
  tagMatrix,
  verifyEscrow,
} from '../src/escrow/index.ts';
import { memoryDisputes } from '../src/ledger/index.ts';
import { memoryChannelPair } from '../src/link/memory.ts';
import { openSession } from '../src/session/open.ts';
import { type Effort, times } from './benchmarks.ts';
import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import { dealMandate } from './scenarios/deal.ts';
import { arbiterOfDeals, type FairOptions, type FairResult, fairTerms } from './scenarios/fair.ts';
import { identity } from './scenarios/identities.ts';

/** Bits of the outcome of a split over all 64-bit prices. */
const WIDTH = 65;

/** A sealed deal with an arbiter, in turn with the same deal without; the escrow of one side; and an arbiter's answer. */
export async function run(effort: Effort): Promise<Row[]> {
  await cryptoReady();
  return [...(await deals(effort)), ...(await escrows(effort)), ...(await answers(effort))];
}

const ms = (id: string, values: readonly number[], note: string): Row => ({
  id,
  value: rounded(median(values)),
  unit: 'ms',
  note: `${note}; median of ${values.length}`,
});

async function deals(effort: Effort): Promise<Row[]> {
  const scenario = new URL('./scenarios/fair.ts', import.meta.url);
  const often = { warmUps: times(6, effort), sessions: times(31, effort), repeats: times(2, effort) };
  const [left, right] = await runPair<FairOptions, FairResult>(scenario, often);
  const [fair, sealed] = (['fair', 'sealed'] as const).map((kind) => {
    const [one, other] = [left.result[kind], right.result[kind]];
    const later = (state: 'cold' | 'warm' | 'online') =>
      one[state].map((value, run) => Math.max(value, other[state][run]!));
    const bytes = one.sent + other.sent;
    return {
      cold: later('cold'),
      warm: later('warm'),
      online: later('online'),
      bytes,
      flights: other.flights,
    };
  }) as [Figures, Figures];
  const note = '64-bit split, malicious, sealed, keys known, two processes, disputes kept in memory';
  const rows = [
    ms('fair.deal.cold.ms', fair.cold, `${note}; handshake, base OTs and signatures included`),
    ms('fair.deal.sealed.ms', sealed.cold, 'the same without an arbiter, in turn with it'),
    {
      id: 'fair.deal.ratio',
      value: rounded(median(fair.cold) / median(sealed.cold)),
      unit: '×',
      note: `fair.deal.cold.ms over fair.deal.sealed.ms; median of the ratios of ${fair.cold.length} pairs: ${rounded(
        median(fair.cold.map((value, run) => value / sealed.cold[run]!)),
      )}`,
    },
    ms('fair.deal.warm.ms', fair.warm, 'again on the same session'),
    ms('fair.deal.online.ms', fair.online, 'again, after prepare'),
    { id: 'fair.deal.bytes', value: fair.bytes, unit: 'bytes', note: 'cold, both ways' },
    {
      id: 'fair.deal.bytes.added',
      value: fair.bytes - sealed.bytes,
      unit: 'bytes',
      note: 'cold, by the arbiter',
    },
  ];
  for (const state of ['cold', 'warm', 'online'] as const) {
    const id = state === 'cold' ? 'fair.deal.flights' : `fair.deal.${state}.flights`;
    rows.push({ id, value: fair.flights[state], unit: 'flights', note: state });
  }
  return rows;
}

interface Figures {
  readonly cold: number[];
  readonly warm: number[];
  readonly online: number[];
  readonly bytes: number;
  readonly flights: Readonly<Record<'cold' | 'warm' | 'online', number>>;
}

/** One side's escrow: made, and verified by the other. */
async function escrows(effort: Effort): Promise<Row[]> {
  const key = arbiterOfDeals().escrowKey.publicKey;
  const [made, verified]: [number[], number[]] = [[], []];
  for (let sample = 0; sample < times(31, effort); sample += 1) {
    const [session, terms] = [systemRandom(32), systemRandom(32)];
    const context = { label: escrowLabel({ session, terms, role: 'seller', key }), key, width: WIDTH };
    const bits = drawBits(WIDTH, systemRandom);
    const start = performance.now();
    const escrow = await Escrow.make({ ...context, bits, random: systemRandom });
    made.push(performance.now() - start);
    const challenge = BigInt(`0x${Buffer.from(systemRandom(5)).toString('hex')}`);
    const matrix = matrixSeed(context.label, systemRandom(32));
    const opened = combine(combinations(challenge, tagMatrix(matrix, WIDTH)), bits);
    const { seeds } = escrow.answer({ challenge, matrix, opened });
    const arrived = performance.now();
    const ciphertexts = splitCiphertexts(escrow.ciphertexts, WIDTH);
    await verifyEscrow({ ...context, ciphertexts, challenge, matrix, opened, seeds });
    verified.push(performance.now() - arrived);
  }
  const note = `${WIDTH} bits, one side's escrow`;
  return [
    ms('fair.escrow.make.ms', made, `${note}, 80 encryptions, which need no mandate`),
    ms('fair.escrow.verify.ms', verified, `${note}, 80 elements decoded and 40 encryptions repeated`),
  ];
}

/** What an arbiter takes for a complaint, with its records in memory. */
async function answers(effort: Effort): Promise<Row[]> {
  const { document } = await requestOf(readDispute(await disputeOfDeal()), identity.right);
  const arbiter = arbiterOfDeals();
  const [first, again]: [number[], number[]] = [[], []];
  let bytes = 0;
  for (let sample = 0; sample < times(31, effort); sample += 1) {
    const { identity: own, escrowKey } = arbiter;
    const deciding = defineArbiter({ identity: own, escrowKey, store: memoryCases() });
    const start = performance.now();
    bytes = (await deciding.answer(document)).length;
    const answered = performance.now();
    await deciding.answer(document);
    first.push(answered - start);
    again.push(performance.now() - answered);
  }
  const sizes = `a complaint of ${document.length.toLocaleString('en')} bytes, an answer of ${bytes.toLocaleString('en')}`;
  return [
    ms('fair.arbiter.answer.ms', first, `${sizes}; both escrows opened`),
    ms('fair.arbiter.repeat.ms', again, 'the same complaint again, answered from the record'),
  ];
}

/** What the side that dialled keeps of a deal before its mask leaves. */
async function disputeOfDeal(): Promise<Uint8Array> {
  const terms = { ...(await fairTerms()), seals: 'none' as const };
  let kept: Uint8Array = new Uint8Array();
  const keeping = {
    ...memoryDisputes(),
    keep: async (_: Uint8Array, document: Uint8Array) => {
      kept = document.slice();
    },
  };
  const channels = memoryChannelPair();
  await Promise.all(
    (['right', 'left'] as const).map(async (side, i) => {
      const session = await openSession({
        channel: channels[i]!,
        identity: identity[side],
        peer: identity[side === 'left' ? 'right' : 'left'].publicKey,
        disputes: side === 'right' ? keeping : memoryDisputes(),
      });
      await session.negotiate({ terms, mandate: dealMandate(side) });
      await session.close();
    }),
  );
  return kept;
}
