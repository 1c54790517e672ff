import { readFileSync } from 'node:fs';
import { defineDelegate, negotiatePinned } from 'parley-mpc';
import { fileHome, nodeNetwork } from 'parley-mpc/node';

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
const home = fileHome({ identity: 'buyer.key' });
const way = { dial: `127.0.0.1:${process.argv[2]}` };
const desk = { home, network: nodeNetwork, mandate: delegate };
const { outcome } = await negotiatePinned({ ...desk, terms: read('terms.json'), way });
console.log(JSON.stringify(outcome));
