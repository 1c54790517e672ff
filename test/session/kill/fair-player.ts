/**
 * One side of a session under terms with an arbiter, its records in files: `fair-player.ts ASSIGNMENT`. With a plan of faults loaded first (test/cli/faults), it dies at a
 * step of one of them.
 */
import { connect } from '../../../src/node/net/tcp.ts';
import { fileDisputes, fileLedger } from '../../../src/node/store/index.ts';
import { openSession } from '../../../src/session/open.ts';
import { fairTerms } from '../../support/fair.ts';
import { bids, everyKey, type FairAssignment, identities, sealKeys } from './deals.ts';

const { side, port, folder, seals } = JSON.parse(process.argv[2]!) as FairAssignment;
const session = await openSession({
  channel: await connect({ host: '127.0.0.1', port }),
  initiator: side === 'seller',
  identity: identities[side],
  peer: identities[side === 'seller' ? 'buyer' : 'seller'].publicKey,
  sealKey: sealKeys[side],
  knownKeys: everyKey,
  ledger: await fileLedger(folder),
  disputes: fileDisputes(folder),
});
await session.negotiate({ terms: await fairTerms({ seals }), mandate: { reservation: bids[side] } });
await session.close().catch(() => undefined);
