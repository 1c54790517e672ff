import { readFileSync } from 'node:fs';
import { defineDelegate, negotiatePinned } from 'parley-mpc';
import { fileHome, fileSessionLog, nodeNetwork } from 'parley-mpc/node';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const delegate = defineDelegate({
  policy: {
    peers: [read('seller.pub')],
    subject: 'used car',
    roles: ['buyer'],
    rules: ['random-split'], // not split: its price gives the mandate away
    price: { unit: 'USD', decimals: 2, min: 400_000n, max: 520_000n }, // what it may enter
    maxBits: 4, // that one outcome may tell about the limit
    budget: 12, // that all of them may tell, whoever asks
    sessionsPerDay: 5,
  },
  mandate: { reservation: 520_000n },
  sessions: fileSessionLog('buyer.sessions'), // counts across runs
});
const home = fileHome({ identity: 'buyer.key' }); // with its seal key, ledger and agreements
const desk = { home, network: nodeNetwork, mandate: delegate };
const way = { dial: process.argv[2]! }; // such as 192.0.2.7:4466
const { outcome } = await negotiatePinned({ ...desk, terms: read('terms.json'), way });
console.log(JSON.stringify(outcome));
