import { readFileSync } from 'node:fs';
import { defineDelegate, negotiatePinned } from 'parley-mpc';
import { fileHome, nodeNetwork } from 'parley-mpc/node';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const delegate = defineDelegate({
  policy: {
    peers: [read('seller.pub')],
    rules: ['random-split', 'posted-price'], // not split: its price gives the mandate away
    price: { unit: 'USD', decimals: 2, min: 400_000n, max: 520_000n }, // what it may enter
    maxBits: 3, // that an outcome may tell the seller
    sessionsPerDay: 5,
  },
  mandate: ({ terms }) => ({ reservation: terms.subject === 'used car' ? 520_000n : 400_000n }),
});
const home = fileHome({ identity: 'buyer.key' }); // with its seal key, ledger and agreements
const desk = { home, network: nodeNetwork, mandate: delegate };
const way = { dial: process.argv[2]! }; // such as 192.0.2.7:4466
const { outcome } = await negotiatePinned({ ...desk, terms: read('terms.json'), way });
console.log(JSON.stringify(outcome));
