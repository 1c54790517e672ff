import { expect, test } from 'vitest';
import { defineArbiter, memoryCases } from '../../src/arbiter/index.ts';
import { host } from '../../src/desk/host.ts';
import { join } from '../../src/desk/join.ts';
import type { DeskEvent } from '../../src/desk/person.ts';
import type { Identity } from '../../src/documents/identity.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { arbiter as escrowKey } from '../escrow/support.ts';
import { arbiterIdentity, cardOf } from '../escrow/terms.ts';
import { homeOf } from '../support/homes.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { buyer, codes, seller } from '../support/sessions.ts';

/** The seller hosts. The buyer leaves when it would sign for the time of that number: the handshake, its engagement, its mask, the agreement. */
async function meet(leaves: number, reachable: boolean, hosts: Identity = seller) {
  const arbiter = defineArbiter({ identity: arbiterIdentity, escrowKey, store: memoryCases() });
  const memory = memoryNetwork();
  const network = {
    ...memory,
    ...(reachable && {
      arbiter: () => async (request: { kind: string; document: Uint8Array }) =>
        request.kind === 'complaint' ? arbiter.answer(request.document) : arbiter.ask(request.document),
    }),
  };
  const leaving = new AbortController();
  let signatures = 0;
  const leaver: Identity = {
    publicKey: buyer.publicKey,
    sign(bytes) {
      signatures += 1;
      if (signatures === leaves) leaving.abort();
      return buyer.sign(bytes);
    },
  };
  const terms: TermsDraft = {
    parley: 1,
    subject: 'used car',
    rule: { name: 'split' },
    range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
    security: 'malicious',
    seals: 'none',
    arbiter: { card: await cardOf(), window: 600 },
    expires: '2999-01-01T00:00:00Z',
  };
  const events: DeskEvent[] = [];
  const home = homeOf(hosts, 'host', { ledger: new Ledger(memoryStore()) });
  const options = { network, terms, timeout: 30_000, wait: 30_000 };
  const person = { told: (event: DeskEvent) => void events.push(event) };
  const hosting = host({ ...options, home, person, role: 'seller', mandate: { reservation: 400n } });
  const joining = hosting.invite.then((invite) =>
    join({
      ...options,
      home: homeOf(leaver, 'join'),
      mandate: { reservation: 500n },
      signal: leaving.signal,
      invite,
    }),
  );
  const [atHost] = await codes([hosting.result, joining]);
  const { disputes, ledger } = await home.records();
  return { atHost, home, events, open: await disputes!.list(), ledger: ledger! };
}

test('a host whose guest leaves with the outcome complains at once, and has outcome and proof', async () => {
  const { atHost, home, events, open, ledger } = await meet(3, true);
  expect(atHost).toMatch(/^ERR_PEER_(LEFT|ABORTED)$/);
  expect(events.at(-1)).toMatchObject({ kind: 'outcomeProved', outcome: { deal: true, price: '450' } });
  expect(events).toContainEqual(expect.objectContaining({ kind: 'disputeOpen', complains: true }));
  const { proof, outcome } = await verifyAgreement(home.outcomes[0]!, { parties: 'unpinned' });
  expect([proof, outcome]).toEqual(['resolved', { deal: true, price: '450' }]);
  expect([open, home.engagements]).toEqual([[], []]);
  const [{ attempts }] = (await ledger.list()) as [Awaited<ReturnType<Ledger['list']>>[number]];
  expect(attempts.map(({ agreement }) => agreement !== undefined)).toEqual([true]);
});

test('where the arbiter cannot be reached the dispute stays, and is told', async () => {
  const { home, events, open, ledger } = await meet(3, false);
  expect(events.at(-1)).toMatchObject({ kind: 'disputeStays', error: { code: 'ERR_CONNECT' } });
  expect([home.outcomes.length, open.length]).toEqual([0, 1]);
  const [{ attempts }] = (await ledger.list()) as [Awaited<ReturnType<Ledger['list']>>[number]];
  expect(attempts.map(({ agreement }) => agreement !== undefined)).toEqual([false]);
});

test('a guest that leaves before it engages leaves nothing open', async () => {
  const { home, events, open } = await meet(2, true);
  expect([home.outcomes.length, open.length]).toEqual([0, 0]);
  expect(events.map(({ kind }) => kind)).not.toContain('disputeOpen');
});

test('a host whose own signer fails after it has engaged complains all the same', async () => {
  let refusals = 1;
  const failing: Identity = {
    publicKey: seller.publicKey,
    sign(bytes) {
      const [header] = new TextDecoder().decode(bytes).split('.');
      const last = Buffer.from(header!, 'base64url').toString().includes('parley-agreement+jws');
      if (last && refusals-- > 0) return Promise.reject(new Error('the device was removed'));
      return seller.sign(bytes);
    },
  };
  const { atHost, home, events, open } = await meet(Infinity, true, failing);
  expect(atHost).toBe('ERR_INTERNAL');
  expect(events).toContainEqual(expect.objectContaining({ kind: 'disputeOpen', complains: true }));
  expect(events.at(-1)).toMatchObject({ kind: 'outcomeProved', outcome: { deal: true, price: '450' } });
  expect([home.outcomes.length, open.length]).toEqual([1, 0]);
});
