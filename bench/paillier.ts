import { generateRandomKeys } from 'paillier-bigint';
import { systemRandom } from '../src/crypto/random.ts';
import { decrypt, encrypt, encryptOwn, generateKey, plaintext, Randomness } from '../src/paillier/index.ts';
import { type Effort, times } from './benchmarks.ts';
import type { Row } from './rows.ts';

/** Paillier at 3,072 bits, ours and the fastest comparable npm package's, on this machine; medians. */
export async function run(effort: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  const measure = async (id: string, usual: number, note: string, work: () => unknown): Promise<void> => {
    const count = times(usual, effort);
    const samples: number[] = [];
    for (let sample = 0; sample < count; sample++) {
      const start = performance.now();
      await work();
      samples.push(performance.now() - start);
    }
    samples.sort((left, right) => left - right);
    const value = Math.round(samples[count >> 1]! * 100) / 100;
    rows.push({ id, value, unit: 'ms', note: `${note}; median of ${count}` });
  };

  const key = await generateKey();
  const { publicKey } = key;
  key.prepare();
  publicKey.byModulusSquared.prepare();
  const message = plaintext(4_550_000n, 64);
  const randomness = Randomness.generate(publicKey, systemRandom);
  await measure('paillier.encryptOwn.ms', 31, '3072 bits, by the owner, contexts made', () =>
    encryptOwn(key, message, randomness),
  );
  await measure('paillier.encrypt.ms', 15, '3072 bits, by the public key, contexts made', () =>
    encrypt(publicKey, message, randomness),
  );
  const ciphertext = encryptOwn(key, message, randomness);
  await measure('paillier.decrypt.ms', 31, '3072 bits, contexts made', () => decrypt(key, ciphertext, 64));
  await measure('paillier.keygen.ms', 15, '3072 bits, two threads', () => generateKey());

  const peer = await generateRandomKeys(3_072);
  await measure('paillier.peer.paillier-bigint.encrypt.ms', 5, 'paillier-bigint 3.4.3, 3072 bits', () =>
    peer.publicKey.encrypt(message),
  );
  const theirs = peer.publicKey.encrypt(message);
  await measure('paillier.peer.paillier-bigint.decrypt.ms', 5, 'paillier-bigint 3.4.3, 3072 bits', () =>
    peer.privateKey.decrypt(theirs),
  );
  await measure('paillier.peer.paillier-bigint.keygen.ms', 3, 'paillier-bigint 3.4.3, 3072 bits', () =>
    generateRandomKeys(3_072),
  );
  return rows;
}
