import { systemRandom } from '../src/crypto/random.ts';
import { generateKey } from '../src/paillier/index.ts';
import { proveKey, verifyKeyProof } from '../src/paillier/key-proof/index.ts';
import { runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import type { DealOptions, DealResult } from './scenarios/deal.ts';

const scenario = new URL('./scenarios/deal.ts', import.meta.url);

/** A sealed deal, beside the same deal without seals at the same time, and the proofs of seal keys. */
export async function run(): Promise<Row[]> {
  const common = { security: 'malicious', warmUps: 6, sessions: 21, repeats: 0 } as const;
  const none = await play({ ...common, seals: 'none' });
  const cold = await play({ ...common, seals: 'paillier', repeats: 2 });
  const first = await play({ ...common, seals: 'paillier', sessions: 11, firstContact: true });
  const rows: Row[] = [];
  const ms = (id: string, values: readonly number[], note: string) =>
    rows.push({
      id,
      value: rounded(median(values)),
      unit: 'ms',
      note: `${note}; median of ${values.length}`,
    });
  const note = '64-bit split, malicious, two processes, handshake, base OTs and signatures included';
  ms('seal.deal.cold.ms', cold.cold, `${note}; keys known`);
  ms('seal.deal.firstContact.ms', first.cold, `${note}; both key proofs verified`);
  ms('seal.deal.unsealed.ms', none.cold, `${note}; without seals, in the same run`);
  ms('seal.deal.warm.ms', cold.warm, 'again on the same session');
  ms('seal.deal.online.ms', cold.online, 'again, after prepare');
  rows.push({ id: 'seal.deal.bytes', value: cold.bytes, unit: 'bytes', note: 'cold, both ways' });
  for (const kind of ['cold', 'warm', 'online'] as const) {
    const id = kind === 'cold' ? 'seal.deal.flights' : `seal.deal.${kind}.flights`;
    rows.push({ id, value: cold.flights[kind], unit: 'flights', note: kind });
  }
  rows.push({
    id: 'seal.deal.flights.added',
    value: cold.flights.cold - none.flights.cold,
    unit: 'flights',
    note: 'cold, by the seals',
  });
  return [...rows, ...(await keyProof())];
}

async function keyProof(): Promise<Row[]> {
  const identity = systemRandom(32);
  const prove: number[] = [];
  const verify: number[] = [];
  for (let sample = 0; sample < 9; sample += 1) {
    const key = await generateKey();
    key.prepare();
    const start = performance.now();
    const proof = proveKey(key, identity);
    const made = performance.now();
    verifyKeyProof(key.publicKey, identity, proof);
    prove.push(made - start);
    verify.push(performance.now() - made);
  }
  const note = '3,072 bits, 8 roots, a new key each time; median of 9';
  return [
    { id: 'seal.keyProof.prove.ms', value: rounded(median(prove)), unit: 'ms', note },
    { id: 'seal.keyProof.verify.ms', value: rounded(median(verify)), unit: 'ms', note },
  ];
}

async function play(options: DealOptions): Promise<DealResult> {
  const [left, right] = await runPair<DealOptions, DealResult>(scenario, options);
  const later = (kind: 'cold' | 'warm' | 'online') =>
    left.result[kind].map((ms, run) => Math.max(ms, right.result[kind][run]!));
  return { ...right.result, cold: later('cold'), warm: later('warm'), online: later('online') };
}
