import { host, memoryHome } from 'parley-mpc';
import { nodeNetwork } from 'parley-mpc/node';
import { terms } from './terms.ts';

const [relay] = process.argv.slice(2); // such as ws://relay.example:4467; else the buyer connects here
const { invite, result } = host({
  home: memoryHome(),
  network: nodeNetwork,
  ...(relay === undefined ? { listen: '127.0.0.1:0' } : { relay }),
  terms,
  role: 'seller',
  mandate: { reservation: 450_000n },
});
console.log(await invite); // to be sent to the buyer alone
console.log(JSON.stringify((await result).outcome));
