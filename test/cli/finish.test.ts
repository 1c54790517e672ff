import { expect, it, vi } from 'vitest';
import { finish } from '../../src/cli/commands/finish.ts';
import { Narrator } from '../../src/cli/terminal/narrator.ts';
import { host } from '../../src/desk/host.ts';
import { join } from '../../src/desk/join.ts';
import { memoryHome } from '../../src/desk/memory-home.ts';
import { agreementName } from '../../src/documents/agreement.ts';
import { ConnectionError, InputError, PeerLeftError } from '../../src/errors.ts';
import { Ledger, memoryStore } from '../../src/ledger/index.ts';
import { publish } from '../documents/ratifying.ts';
import { identity } from '../documents/support.ts';
import { memoryNetwork } from '../support/memory-network.ts';
import { splitTerms } from '../support/sessions.ts';

const narrator = () => new Narrator({ wait: '1m', quiet: true, piped: false });
const { signal } = new AbortController();

/** What is written to both streams while something is done. */
async function heard<Value>(work: () => Promise<Value>) {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    const value = await work();
    return { value, ...written };
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
}

const terms = {
  parley: 1,
  subject: 'used car',
  rule: { name: 'split' },
  range: { min: '0', max: '1000' },
  security: 'semi-honest',
} as const;

it.each([
  { json: true, kept: true },
  { json: false, kept: true },
  { json: false, kept: false },
])(
  'B7: an agreement that could not be saved is printed, once, and the deal stands ($json, in a ledger: $kept)',
  async ({ json, kept }) => {
    const options = { network: memoryNetwork(), terms };
    const home = {
      ...memoryHome({ ledger: kept ? new Ledger(memoryStore()) : undefined }),
      reserveAgreement: async () => ({
        save: async () => {
          throw new InputError('ERR_FILE', 'cannot write deal.json (ENOSPC)', { hint: 'make room' });
        },
        release: async () => undefined,
      }),
    };
    const { value, stdout, stderr } = await heard(() =>
      finish({ narrator: narrator() }, { json, ledger: 'book' }, signal, async () => {
        const hosting = host({ ...options, home, role: 'seller', mandate: { reservation: 400n } });
        const buying = { ...options, home: memoryHome(), mandate: { reservation: 500n } };
        await join({ ...buying, invite: await hosting.invite });
        return hosting.result;
      }),
    );
    expect(value).toBe(1);
    const printed = JSON.parse(stdout);
    expect(printed).toMatchObject({
      outcome: { deal: true, price: '450' },
      agreement: { signatures: [{}, {}] },
    });
    expect(stderr).toContain('deal at 450');
    const name = agreementName(printed.agreement);
    const last = stderr.trimEnd().split('\n').at(-1)!;
    const why = 'the deal stands, but its agreement is not saved: cannot write deal.json (ENOSPC)';
    expect(last).toContain(`parley: ${why}; the agreement is printed above`);
    expect(last.includes(`ledger --ledger book --agreement ${name} --out FILE`)).toBe(kept);
  },
);

it('B7: an agreement that nothing else takes is the last line for people', async () => {
  const options = { network: memoryNetwork(), terms };
  const full = Object.assign(new Error('full'), { code: 'ENOSPC' });
  const home = {
    ...memoryHome(),
    reserveAgreement: async () => ({
      save: () => Promise.reject(new InputError('ERR_FILE', 'no space left', { hint: 'make room' })),
      release: async () => undefined,
    }),
  };
  const { value, stderr } = await heard(() => {
    vi.spyOn(process.stdout, 'write').mockImplementation(() => {
      throw full;
    });
    return finish({ narrator: narrator() }, { json: true }, signal, async () => {
      const hosting = host({ ...options, home, role: 'seller', mandate: { reservation: 400n } });
      const buying = { ...options, home: memoryHome(), mandate: { reservation: 500n } };
      await join({ ...buying, invite: await hosting.invite });
      return hosting.result;
    });
  });
  expect(value).toBe(1);
  const last = stderr.trimEnd().split('\n').at(-1)!;
  expect(JSON.parse(last)).toMatchObject({ payload: expect.any(String), signatures: [{}, {}] });
});

it('B1: a mandate that the terms of an invite cannot hold is entered as near as they can, which is said in words', async () => {
  const range = { min: '0', max: '1000' };
  const terms = {
    parley: 1,
    subject: 'used car',
    rule: { name: 'split' },
    range,
    security: 'semi-honest',
  } as const;
  const network = memoryNetwork();
  const hosting = host({
    ...{ network, terms, home: memoryHome(), role: 'seller' },
    mandate: { reservation: 400n },
  });
  const invite = await hosting.invite;
  const person = { accepts: () => true };
  const { value, stdout, stderr } = await heard(() =>
    finish({ narrator: narrator() }, { json: true }, signal, () =>
      join({ network, home: memoryHome(), person, invite, mandate: { reservation: 4_321n } }),
    ),
  );
  expect(value).toBe(0);
  expect(stderr).toContain(
    'a reservation is above all prices of these terms, so the highest one was entered',
  );
  for (const text of [stdout, stderr]) expect(text).not.toMatch(/4,?321|entered"|adjusted/);
  expect(JSON.parse(stdout).outcome).toEqual({ deal: true, price: '700' });
  expect(await hosting.result).not.toHaveProperty('adjusted');
});

it('what was kept of a peer that left is said with the failure, and when the person left first', async () => {
  for (const interrupted of [false, true]) {
    const speaking = narrator();
    const controller = new AbortController();
    if (interrupted) controller.abort();
    const failing = () =>
      finish({ narrator: speaking }, {}, controller.signal, async () => {
        await speaking.tell({ kind: 'engagementSaved', place: 'deal.json.engagement' });
        throw new PeerLeftError();
      });
    const { value, stderr } = await heard(() => failing().catch((error: unknown) => error));
    const hint = expect.stringMatching(/is in deal\.json\.engagement: .* verify --engagement reads it$/);
    expect(value).toMatchObject({ code: 'ERR_PEER_LEFT', hint });
    expect(stderr.includes('deal.json.engagement')).toBe(interrupted);
  }
});

it.each([true, false])(
  'an outcome that is proved after the session broke off is what the command ends with (json: %s)',
  async (json) => {
    const speaking = narrator();
    const complainBy = '2026-11-27T12:10:00Z';
    const place = '/home/ana/x.dispute.json';
    const away = (message: string) => new ConnectionError('ERR_CONNECT', message);
    const { value, stdout, stderr } = await heard(() =>
      finish({ narrator: speaking }, { json }, signal, async () => {
        await speaking.tell({ kind: 'disputeOpen', place, complainBy, complains: true });
        for (const error of [away('nobody answers'), away('nobody answers'), away('no route')]) {
          await speaking.tell({
            kind: 'complaintFailed',
            error,
            again: Date.parse(complainBy),
            complainBy,
            place,
          });
        }
        const proved = {
          outcome: { deal: true, price: '450' },
          terms: splitTerms(),
          role: 'seller',
          place: 'outcome.json',
        } as const;
        await speaking.tell({ kind: 'outcomeProved', ...proved, proof: 'resolved' });
        throw new PeerLeftError();
      }),
    );
    expect(value).toBe(0);
    const failure = { code: 'ERR_PEER_LEFT', message: expect.any(String), hint: expect.any(String) };
    if (json) {
      const outcome = { deal: true, price: '450' };
      expect(JSON.parse(stdout)).toEqual({ outcome, proof: 'outcome.json', brokenOff: failure });
    } else expect(stdout).toBe('');
    expect(stderr).toContain(`go on with parley complain ${place}`);
    expect(stderr.match(/nobody answers; trying again until/g)).toHaveLength(1);
    expect(stderr).toContain('no route; trying again until');
    expect(stderr).toMatch(
      /deal at 450 USD\nthere is no agreement: .*\n.*proof in outcome.json, by what the arbiter has opened\ncheck it at any time: parley verify outcome.json/,
    );
  },
);

it('a dispute that stays open is what the command tells its person to go on with', async () => {
  const speaking = narrator();
  const ended = heard(() =>
    finish({ narrator: speaking }, {}, signal, async () => {
      await speaking.tell({
        kind: 'disputeStays',
        place: 'x.dispute.json',
        error: new PeerLeftError('gone'),
      });
      throw new PeerLeftError();
    }),
  );
  await expect(ended).rejects.toMatchObject({
    code: 'ERR_PEER_LEFT',
    hint: expect.stringMatching(/^the dispute is still open \(gone.*\): parley complain x.dispute.json/),
  });
});

it('says of a deal that has to be ratified that it is not in force, and by when it has to be', async () => {
  const ratify = {
    buyer: {
      members: [81, 82].map((seed) => identity(seed).publicKey),
      threshold: 2,
      by: '2099-01-08T00:00:00Z',
    },
  };
  const options = { network: memoryNetwork(), terms: { ...terms, publish, ratify } };
  const ended = (buyers: bigint) =>
    heard(() =>
      finish({ narrator: narrator() }, { json: true }, signal, async () => {
        const hosting = host({
          ...options,
          home: memoryHome(),
          role: 'seller',
          mandate: { reservation: 400n },
        });
        const buying = { ...options, home: memoryHome(), mandate: { reservation: buyers } };
        await join({ ...buying, invite: await hosting.invite });
        return hosting.result;
      }),
    );
  const deal = await ended(500n);
  expect(deal.value).toBe(0);
  expect(JSON.parse(deal.stdout)).toMatchObject({ outcome: { deal: true }, inForce: false });
  expect(deal.stderr).toContain('NOT IN FORCE');
  expect(deal.stderr).toContain(
    '2 of 2 on the buyer’s side have to ratify it by 2099-01-08 00:00:00 UTC, or it lapses',
  );
  const none = await ended(300n);
  expect(JSON.parse(none.stdout)).not.toHaveProperty('inForce');
  expect(none.stderr).not.toContain('FORCE');
});
