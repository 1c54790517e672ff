/** An arbiter on loopback whose clock stands still: `child.ts FOLDER TIME`. Prints its port. */
import { defineArbiter } from '../../../src/arbiter/index.ts';
import { fileCases } from '../../../src/node/arbiter/file-cases.ts';
import { serveArbiter } from '../../../src/node/arbiter/serve.ts';
import { arbiter as escrowKey } from '../../escrow/support.ts';
import { arbiterIdentity as identity } from '../../escrow/terms.ts';

const [folder, time] = process.argv.slice(2) as [string, string];
const store = await fileCases(folder);
const arbiter = defineArbiter({ identity, escrowKey, store, now: () => Number(time) });
const limits = { byAddress: 100 };
const { address } = await serveArbiter(arbiter, { host: '127.0.0.1', port: 0, limits });
process.stdout.write(`${address.port}\n`);
