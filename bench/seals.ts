import { systemRandom } from '../src/crypto/random.ts';
import { generateKey } from '../src/paillier/index.ts';
import { proveKey, verifyKeyProof } from '../src/paillier/key-proof/index.ts';
import { type Effort, times } from './benchmarks.ts';
import { runDeals } from './deal-pair.ts';
import { median, type Row, rounded } from './rows.ts';

/** A sealed deal, beside the same deal without seals at the same time, and the proofs of seal keys. */
export async function run(effort: Effort): Promise<Row[]> {
  const often = { warmUps: times(6, effort), sessions: times(21, effort), repeats: 0 };
  const common = { security: 'malicious', ...often } as const;
  const none = await runDeals({ ...common, seals: 'none' });
  const cold = await runDeals({ ...common, seals: 'paillier', repeats: times(2, effort) });
  const sessions = times(11, effort);
  const first = await runDeals({ ...common, seals: 'paillier', sessions, firstContact: true });
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
  return [...rows, ...(await keyProof(times(9, effort)))];
}

async function keyProof(samples: number): Promise<Row[]> {
  const identity = systemRandom(32);
  const prove: number[] = [];
  const verify: number[] = [];
  for (let sample = 0; sample < samples; sample += 1) {
    const key = await generateKey();
    key.prepare();
    const start = performance.now();
    const proof = proveKey(key, identity);
    const made = performance.now();
    verifyKeyProof(key.publicKey, identity, proof);
    prove.push(made - start);
    verify.push(performance.now() - made);
  }
  const note = `3,072 bits, 8 roots, a new key each time; median of ${samples}`;
  return [
    { id: 'seal.keyProof.prove.ms', value: rounded(median(prove)), unit: 'ms', note },
    { id: 'seal.keyProof.verify.ms', value: rounded(median(verify)), unit: 'ms', note },
  ];
}
