import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { randomSplit } from '../../protocols/random-split/index.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { type AttemptRecord, decodeRecord, isAttempt } from '../../src/ledger/record.ts';
import { START } from '../../src/ledger/store.ts';
import type { Channel, Listener } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import { listen } from '../../src/node/net/tcp.ts';
import { fileLedger, fileStore } from '../../src/node/store/index.ts';
import { reopenSeal, Seal } from '../../src/seals/index.ts';
import { openSession } from '../../src/session/open.ts';
import { program } from '../support/program.ts';
import {
  type Assignment,
  bids,
  drawnTerms,
  everyKey,
  type Finished,
  identities,
  type Side,
  sealKeys,
} from './kill/deals.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const sides = ['seller', 'buyer'] as const;
const otherOf = (side: Side): Side => (side === 'seller' ? 'buyer' : 'seller');

let directory: string;
let listener: Listener;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-kill-'));
  listener = await listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await listener.close();
  await rm(directory, { recursive: true });
});

/** Runs a process that plays one side, up to its death or its end. */
async function play(
  assignment: Assignment,
): Promise<{ finished: Finished | undefined; signal: string | null }> {
  const child = spawn(
    process.execPath,
    [...program('test/session/kill/player.ts', 'test/support/ready.ts'), JSON.stringify(assignment)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const signal = await new Promise<string | null>((resolve) =>
    child.once('close', (_, name) => resolve(name)),
  );
  return { finished: output === '' ? undefined : (JSON.parse(output) as Finished), signal };
}

interface Entering {
  readonly channel: Channel;
  readonly side: Side;
  readonly ledger: string | undefined;
  readonly nonce: number;
  readonly bid?: bigint;
}

/** One side of a negotiation in this process: its price, or its error's code. */
async function enter({ channel, side, ledger, nonce, bid = bids[side] }: Entering): Promise<string> {
  try {
    const session = await openSession({
      channel,
      initiator: side === 'seller',
      identity: identities[side],
      peer: identities[otherOf(side)].publicKey,
      sealKey: sealKeys[side],
      knownKeys: everyKey,
      timeout: 10_000,
      ...(ledger !== undefined && { ledger: await fileLedger(ledger) }),
    });
    try {
      const result = await session.negotiate({ terms: drawnTerms(nonce), mandate: { reservation: bid } });
      await session.close().catch(() => undefined); // the peer may die once it has everything
      return 'price' in result ? String(result.price) : 'no deal';
    } finally {
      session.destroy();
    }
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
}

/** Both sides in this process, with or without a ledger: what each came to. */
async function meet(
  ledgers: Partial<Record<Side, string>>,
  nonce: number,
  bid: Partial<Record<Side, bigint>> = {},
): Promise<Record<Side, string>> {
  const [left, right] = memoryChannelPair();
  const [seller, buyer] = await Promise.all(
    sides.map((side, i) =>
      enter({
        channel: [left, right][i]!,
        side,
        ledger: ledgers[side],
        nonce,
        ...(bid[side] !== undefined && { bid: bid[side] }),
      }),
    ),
  );
  return { seller: seller!, buyer: buyer! };
}

const recordsOf = async (ledger: string, side: Side): Promise<AttemptRecord[]> => {
  const peer = rawPublicKey(identities[otherOf(side)].publicKey);
  const store = await fileStore(ledger);
  const { records } = await store.read(Buffer.from(peer).toString('hex'), START);
  return records.map(({ text }) => decodeRecord(text)).filter(isAttempt);
};

/** The price that a released attempt has: from both parties' seals, which must all be on record. */
function priceOf(released: AttemptRecord, records: Readonly<Record<Side, AttemptRecord[]>>): string {
  const terms = drawnTerms(1);
  const bound = randomSplit.under(terms);
  const digests = new Set([released.own, released.peer]);
  const [seller, buyer] = sides.map((side) => {
    const record = records[side].find(({ type, own }) => type === 'sealed' && digests.has(own));
    if (record?.type !== 'sealed') throw new Error(`the ${side} has lost its seal`);
    const seal = Seal.fromJSON(record.seal, { width: bound.seal!.width, committed: false });
    expect(encodeBase64url(seal.digest())).toBe(record.own);
    return { value: reopenSeal(sealKeys[side].key, seal).value };
  });
  const { price } = bound.plain(seller!, buyer!);
  return typeof price === 'string' ? price : '';
}

describe.each(sides)('the %s is killed', (side) => {
  const other = otherOf(side);
  const folders = (name: string) => ({
    seller: join(directory, `${side} ${name} seller`),
    buyer: join(directory, `${side} ${name} buyer`),
  });
  const first = async (name: string, dies: number | undefined) => {
    const ledgers = folders(name);
    const { port } = listener.address;
    const playing = play({ side, port, ledger: ledgers[side], dies });
    const channel = await Promise.race([listener.accept(), playing.then(() => undefined)]);
    if (channel === undefined) throw new Error('the process ended before it connected');
    const met = await enter({ channel, side: other, ledger: ledgers[other], nonce: 1 });
    const played = await playing;
    return { ledgers, played, met };
  };
  let moments: readonly string[] = [];

  beforeAll(async () => {
    const { played, met } = await first('honest', undefined);
    expect(met).toBe(played.finished?.price);
    moments = played.finished!.moments;
  }, 60_000);

  /** Dies at a moment, then checks both ledgers, that no other bid is let in, and that the deal is finished as it began. */
  async function survive(dies: number): Promise<void> {
    const name = `${dies} ${moments[dies]}`;
    const { ledgers, played, met } = await first(name, dies);
    if (played.finished !== undefined) {
      // A send and a receive at the same time can pass one moment less than in the honest run.
      expect(played.finished.moments.length).toBeLessThanOrEqual(dies);
      expect(met).toBe(played.finished.price);
      return;
    }
    expect(played.signal).toBe('SIGKILL');
    const records = {
      seller: await recordsOf(ledgers.seller, 'seller'),
      buyer: await recordsOf(ledgers.buyer, 'buyer'),
    };
    const has = (of: Side, type: string) => records[of].some((record) => record.type === type);
    for (const type of ['sealed', 'released', 'agreed']) {
      const written = moments.indexOf(`written ${type}`);
      expect(has(side, type), `${type} after ${name}`).toBe(dies >= written);
    }
    const released = [...records.seller, ...records.buyer].filter(({ type }) => type === 'released');
    const expected = released.map((record) => priceOf(record, records));
    if (/^\d+$/.test(met)) expect(expected).toContain(met);

    if (has(other, 'released')) {
      // Whoever died comes back with another bid, and with no memory of its own.
      const forgetful = { [other]: join(directory, `${name} copy`) };
      await cp(ledgers[other], forgetful[other]!, { recursive: true });
      const again = await meet(forgetful, 2, { [side]: bids[side] + 1n });
      expect(again[other]).toBe(has(other, 'agreed') ? 'ERR_ATTEMPTS_EXHAUSTED' : 'ERR_SEAL_CHANGED');
      expect(again[side]).not.toMatch(/^\d+$/);
    }
    if (has(side, 'released') && !has(side, 'agreed')) {
      const changed = await meet({ [side]: ledgers[side] }, 3, { [side]: bids[side] + 1n });
      expect(changed[side]).toBe('ERR_SEAL_CHANGED');
      expect(changed[other]).not.toMatch(/^\d+$/);
    }

    const resumed = await meet(ledgers, 4);
    expect(resumed.seller).toMatch(/^\d+$/);
    expect(resumed.buyer).toBe(resumed.seller);
    for (const price of expected) expect(resumed.seller).toBe(price);
    for (const of of sides) {
      const [peer] = await (await fileLedger(ledgers[of])).list();
      expect(peer!.attempts).toHaveLength(1);
      expect(peer!.attempts[0]!.agreement).toBeDefined();
      expect(await readdir(join(ledgers[of], 'locks'))).toEqual([]);
    }
  }

  /** The moments that matter most, by name; the last one of that name. */
  const chosen =
    side === 'seller'
      ? ['torn released', 'send agreement signature']
      : ['synced released', 'wait for agreement signature'];

  test.skipIf(FULL).each(chosen)(
    'at: %s',
    async (name) => {
      const dies = moments.lastIndexOf(name);
      expect(dies).toBeGreaterThan(0);
      await survive(dies);
    },
    60_000,
  );

  test.runIf(FULL)(
    'at every moment',
    async () => {
      for (let dies = 0; dies < moments.length; dies++) await survive(dies);
    },
    3_600_000,
  );
});
