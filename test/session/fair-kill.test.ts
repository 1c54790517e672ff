import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OutcomeJson } from '../../src/documents/rule.ts';
import { Ledger, memoryDisputes, memoryStore } from '../../src/ledger/index.ts';
import type { Channel } from '../../src/link/channel.ts';
import { listen } from '../../src/node/net/tcp.ts';
import { fileDisputes, fileLedger } from '../../src/node/store/index.ts';
import { openSession } from '../../src/session/open.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { PLAN, type Plan } from '../cli/faults/plan.ts';
import { disputeIn, expectFair, type Left } from '../support/disputes.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { program } from '../support/program.ts';
import { codes } from '../support/sessions.ts';
import { bids, everyKey, type FairAssignment, identities, type Side, sealKeys } from './kill/deals.ts';

const FULL = process.env.PARLEY_FULL !== undefined;
const OUTCOME = { deal: true, price: '550' };
const sides = ['seller', 'buyer'] as const;
const otherOf = (side: Side): Side => (side === 'seller' ? 'buyer' : 'seller');
type Seals = FairAssignment['seals'];
type Fault = Pick<Plan, 'at' | 'after'>;

const directory = mkdtempSync(join(tmpdir(), 'parley-fair-kill-'));
afterAll(() => rmSync(directory, { recursive: true }));

/** Runs a side as a process that is killed at a step of its files; without a fault it comes to its end. */
function play(assignment: FairAssignment, steps: string, fault: Fault | undefined) {
  const plan: Plan = {
    under: assignment.folder,
    steps,
    links: true,
    ...(fault && { ...fault, fault: 'kill' }),
  };
  const preload = ['test/support/ready.ts', 'test/cli/faults/preload.ts'];
  const child = spawn(
    process.execPath,
    [...program('test/session/kill/fair-player.ts', ...preload), JSON.stringify(assignment)],
    { stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, [PLAN]: JSON.stringify(plan) } },
  );
  return new Promise<string | number | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code));
  });
}

/** One side in this process, with its records in memory. */
async function enter(channel: Channel, side: Side, seals: Seals): Promise<Left> {
  const disputes = memoryDisputes();
  let outcome: OutcomeJson | undefined;
  try {
    const session = await openSession({
      ...{ channel, identity: identities[side], sealKey: sealKeys[side], knownKeys: everyKey, disputes },
      initiator: side === 'seller',
      peer: identities[otherOf(side)].publicKey,
      ledger: new Ledger(memoryStore()),
      timeout: 20_000,
    });
    try {
      const terms = await fairTerms({ seals });
      ({ outcome } = await session.negotiate({ terms, mandate: { reservation: bids[side] } }));
      await session.close().catch(() => undefined); // the other one may die once it has everything
    } finally {
      session.destroy();
    }
  } catch {
    // it left
  }
  return { identity: identities[side], outcome, dispute: await disputeIn(disputes) };
}

let count = 0;
/** A session in which one side is killed: what each has then, and the steps of the one that was killed. */
async function killed(side: Side, seals: Seals, fault: Fault | undefined) {
  const name = `${count++}`;
  const folder = join(directory, name);
  const file = join(directory, `${name}.steps`);
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  const playing = play({ side, port: listener.address.port, folder, seals }, file, fault);
  const channel = await Promise.race([listener.accept(), playing]);
  if (typeof channel !== 'object' || channel === null)
    throw new Error(`ended before it connected: ${channel}`);
  const living = await enter(channel, otherOf(side), seals);
  const ended = await playing;
  await listener.close();
  const steps = readFileSync(file, 'utf8').trimEnd().split('\n');
  const [kept] = await (await fileLedger(folder)).agreements();
  const outcome = kept && (await verifyAgreement(kept.agreement, { parties: 'unpinned' })).outcome;
  const dispute = await disputeIn(fileDisputes(folder));
  const dead: Left = { identity: identities[side], outcome, dispute };
  return { living, dead, folder, steps, ended };
}

/** Each has what is fair to it, whatever the other one does. Gives how it ends for both if the other never turns to the arbiter. */
async function survive(side: Side, seals: Seals, fault: Fault | undefined) {
  const { living, dead, folder, steps, ended } = await killed(side, seals, fault);
  const about = `${side} ${JSON.stringify(fault)} ${steps.at(-1)}`;
  // One run can have a step less than another.
  const whole = fault === undefined || (fault.at ?? 0) >= steps.length;
  expect(ended, about).toBe(whole ? 0 : 'SIGKILL');
  const ends = [await expectFair(dead, living, OUTCOME), await expectFair(living, dead, OUTCOME)];
  // The mandates of both stay safe until the dispute is over: the same matter is not opened again.
  if (dead.dispute !== undefined) {
    const again = { ledger: await fileLedger(folder), disputes: fileDisputes(folder) };
    const { sessions } = await openFair(side === 'seller' ? { left: again } : { right: again });
    const terms = await fairTerms({ seals: 'none', nonce: 'BAAAAAAAAAAAAAAAAAAAAA' });
    const mine = sessions[side === 'seller' ? 0 : 1];
    const found = await codes([mine.negotiate({ terms, mandate: { reservation: bids[side] } })]);
    expect(found, about).toEqual(['ERR_DISPUTE_OPEN']);
    for (const session of sessions) session.destroy();
  }
  rmSync(folder, { recursive: true, force: true });
  return { ends, steps };
}

const KEPT = 'rename \\w+\\.dispute\\.json$';

describe('a side is killed while it writes its files', () => {
  // What the one that was killed ends with, and the other one, if the other never turns to the arbiter.
  test.each([
    ['seller', 'it has the other mask on disk, and its own has not left', 2, ['opened', 'resolved']],
    ['buyer', 'it may have engaged, and has not', 1, ['resolved', 'void']],
  ] as const)(
    'the %s: %s',
    async (side, _, times, ends) => {
      const survived = await survive(side, 'none', { after: { step: KEPT, times } });
      expect(survived.ends).toEqual(ends);
    },
    60_000,
  );

  test
    .runIf(FULL)
    .each(sides.flatMap((side) => (['none', 'paillier'] as const).map((seals) => [side, seals] as const)))(
    'the %s, at every step, seals %s',
    async (side, seals) => {
      const { steps, ends } = await survive(side, seals, undefined);
      expect(ends).toEqual([undefined, undefined]);
      const seen: Record<string, number> = {};
      for (let at = 0; at < steps.length; at++) {
        const survived = await survive(side, seals, { at });
        const end = survived.ends.join(' / ');
        seen[end] = (seen[end] ?? 0) + 1;
      }
      console.log(`${side}, seals ${seals}: ${steps.length} steps, ${JSON.stringify(seen)}`);
    },
    3_600_000,
  );
});
