/**
 * A party that dies at a given moment: `player.ts ASSIGNMENT`. Moments are: each message about to be sent; each about to be waited for, all
 * before it having left; each received; and each record of the ledger half written, written, and on disk.
 */
import { open, unlink } from 'node:fs/promises';
import { SecureLink } from '../../../src/link/secure-link.ts';
import { connect } from '../../../src/node/net/tcp.ts';
import { fileLedger } from '../../../src/node/store/index.ts';
import { openSession } from '../../../src/session/open.ts';
import { type Assignment, bids, drawnTerms, everyKey, type Finished, identities, sealKeys } from './deals.ts';

const { side, port, ledger, dies } = JSON.parse(process.argv[2]!) as Assignment;
const moments: string[] = [];

function moment(name: string): void {
  const index = moments.push(name) - 1;
  if (index !== dies) return;
  process.kill(process.pid, 'SIGKILL');
  for (;;); // not one step further
}

// biome-ignore lint/suspicious/noExplicitAny: methods of every shape are wrapped
type Method = (this: any, ...args: any[]) => Promise<any>;

function wrap(prototype: object, name: string, around: (original: Method) => Method): void {
  const methods = prototype as Record<string, Method>;
  methods[name] = around(methods[name]!);
}

wrap(
  SecureLink.prototype,
  'send',
  (send) =>
    function (type, ...rest) {
      moment(`send ${type.name}`);
      return send.call(this, type, ...rest);
    },
);
wrap(
  SecureLink.prototype,
  'receive',
  (receive) =>
    async function (type, shape) {
      const received = receive.call(this, type, shape);
      moment(`wait for ${type.name}`);
      const fields = await received;
      moment(`got ${type.name}`);
      return fields;
    },
);

const probe = await open(`${ledger}.probe`, 'w');
const handles = Object.getPrototypeOf(probe) as object;
await probe.close();
await unlink(`${ledger}.probe`);
let record = '';
wrap(
  handles,
  'write',
  (write) =>
    async function (bytes: Uint8Array, offset: number, length: number, position: number) {
      record = /"type":"(sealed|released|agreed)"/.exec(Buffer.from(bytes).toString('utf8'))?.[1] ?? '';
      if (moments.length === dies) await write.call(this, bytes, offset, length >> 1, position);
      moment(`torn ${record}`);
      const written = await write.call(this, bytes, offset, length, position);
      moment(`written ${record}`);
      return written;
    },
);
wrap(
  handles,
  'sync',
  (sync) =>
    async function () {
      await sync.call(this);
      moment(`synced ${record}`);
    },
);

const session = await openSession({
  channel: await connect({ host: '127.0.0.1', port }),
  initiator: side === 'seller',
  identity: identities[side],
  peer: identities[side === 'seller' ? 'buyer' : 'seller'].publicKey,
  sealKey: sealKeys[side],
  knownKeys: everyKey,
  ledger: await fileLedger(ledger),
});
const result = await session.negotiate({ terms: drawnTerms(1), mandate: { reservation: bids[side] } });
await session.close();
const price = 'price' in result ? String(result.price) : '';
process.stdout.write(`${JSON.stringify({ moments, price } satisfies Finished)}\n`);
