import { readFileSync } from 'node:fs';
import { connect, createSealKey, defineDelegate, importIdentity, negotiate } from 'parley-mpc';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const delegate = defineDelegate({
  policy: {
    peers: [read('seller.pub')],
    rules: ['random-split', 'posted-price'], // not split: its price gives the mandate away
    price: { unit: 'USD', decimals: 2, min: 400_000n, max: 520_000n },
    maxBits: 3,
    sessionsPerDay: 5,
  },
  mandate: ({ terms }) => ({ reservation: terms.subject === 'used car' ? 520_000n : 400_000n }),
});
const identity = importIdentity(read('buyer.key'));
const sealKey = await createSealKey(identity.publicKey);
const channel = await connect({ host: '127.0.0.1', port: Number(process.argv[2]) });
const party = { channel, identity, sealKey, terms: read('terms.json') };
const { outcome } = await negotiate({ ...party, mandate: delegate });
console.log(JSON.stringify(outcome));
