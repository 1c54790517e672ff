import { join, memoryHome } from 'parley-mpc';
import { nodeNetwork } from 'parley-mpc/node';
import { terms } from './terms.ts';

const { outcome } = await join({
  home: memoryHome(),
  network: nodeNetwork,
  invite: process.argv[2]!, // what the seller has sent
  terms, // accepted if they are these, and declined otherwise
  mandate: { reservation: 520_000n },
});
console.log(JSON.stringify(outcome));
