import { describe, expect, it } from 'vitest';
import { host } from '../../src/desk/host.ts';
import { join } from '../../src/desk/join.ts';
import { memoryHome } from '../../src/desk/memory-home.ts';
import type { DeskEvent, TermsQuestion } from '../../src/desk/person.ts';
import { generateIdentity } from '../../src/documents/identity.ts';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { memoryNetwork } from '../support/memory-network.ts';

const draft: TermsDraft = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000', step: '1', unit: 'USD', decimals: 0 },
  security: 'semi-honest',
  matter: 'vehicle 4711',
  attempts: 3,
};
const [ana, ben] = [generateIdentity(), generateIdentity()];

/** What either side's person is told of what went before, and what Ben is asked. */
async function meet(terms: TermsDraft, ledgers: readonly [Ledger, Ledger]) {
  const network = memoryNetwork();
  const told: [DeskEvent[], DeskEvent[]] = [[], []];
  const asked: TermsQuestion[] = [];
  const person = (side: 0 | 1) => ({
    told: (event: DeskEvent) => event.kind === 'dealtBefore' && told[side].push(event),
  });
  const common = { network, timeout: 5_000, wait: 5_000 };
  const hosting = host({
    ...common,
    terms,
    role: 'seller',
    mandate: { reservation: 400n },
    home: memoryHome({ identity: ana, ledger: ledgers[0] }),
    person: person(0),
  });
  const joined = join({
    ...common,
    invite: await hosting.invite,
    mandate: { reservation: 500n },
    home: memoryHome({ identity: ben, ledger: ledgers[1], peers: { ana: ana.publicKey } }),
    person: { ...person(1), accepts: (question) => asked.push(question) > 0 },
  });
  await Promise.all([hosting.result, joined]);
  return { told, asked };
}

describe('B5: who accepts terms is told what was released on their matter before', () => {
  const ledgers = [new Ledger(memoryStore()), new Ledger(memoryStore())] as const;

  it('nothing, the first time', async () => {
    const { told, asked } = await meet(draft, ledgers);
    expect(told).toEqual([[], []]);
    expect(asked[0]!.before).toMatchObject({
      matter: 'vehicle 4711',
      attempts: [],
      disclosedBits: 0,
      alike: [],
    });
  });

  it('what it was and when, the second time, on both sides', async () => {
    const { told, asked } = await meet({ ...draft, matter: 'Vehicle  4711' }, ledgers);
    const { before } = asked[0]!;
    expect(before!.attempts).toMatchObject([{ matter: 'vehicle 4711', agreement: expect.any(String) }]);
    expect(before!.disclosedBits).toBeGreaterThan(5);
    expect(told).toEqual([
      [{ kind: 'dealtBefore', peer: expect.objectContaining({ role: 'buyer' }), before: expect.anything() }],
      [{ kind: 'dealtBefore', peer: expect.objectContaining({ name: 'ana' }), before }],
    ]);
  });

  it('and that another matter looks like this one, and is counted apart', async () => {
    const { asked } = await meet({ ...draft, matter: 'vehic1e 4711' }, ledgers);
    expect(asked[0]!.before).toMatchObject({ attempts: [], alike: ['vehicle 4711'] });
    expect(asked[0]!.before!.disclosedBits).toBeGreaterThan(10);
  });
});
