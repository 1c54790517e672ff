import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { completeTerms, type Terms } from '../../src/documents/terms.ts';
import { LedgerError } from '../../src/errors.ts';
import type { Ledger } from '../../src/ledger/ledger.ts';
import { LedgerSession } from '../../src/ledger/ledger-session.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { agreementSignature } from '../../src/session/messages.ts';
import type { NegotiateOptions } from '../../src/session/options.ts';
import type { Result } from '../../src/session/result.ts';
import type { Session } from '../../src/session/session.ts';
import { publish } from '../documents/ratifying.ts';
import { alice, bob } from '../paillier/keys.ts';
import { people } from '../support/delegations.ts';
import { changed } from '../support/rules.ts';
import { buyer, codes, openPair, seller, splitTerms, tamper } from '../support/sessions.ts';

const keys = {
  left: proveSealKey(alice, rawPublicKey(seller.publicKey)),
  right: proveSealKey(bob, rawPublicKey(buyer.publicKey)),
};
const known = { left: new Set<string>(), right: new Set<string>() };
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'parley-seals-ledger-'));
});
afterAll(() => rm(directory, { recursive: true }));

interface Ledgers {
  readonly left: Ledger;
  readonly right: Ledger;
}
const newLedgers = async (name: string): Promise<Ledgers> => ({
  left: await fileLedger(join(directory, `${name}-left`)),
  right: await fileLedger(join(directory, `${name}-right`)),
});
const unsealed = (changes: Partial<Terms> = {}) =>
  splitTerms({ security: 'malicious', seals: 'none', ...changes });
const sealed = (changes: Partial<Terms> = {}) =>
  splitTerms({ security: 'malicious', seals: 'paillier', ...changes });
const ratifiedBy = (by: string) => ({
  seller: { members: [people[0]!.publicKey, people[1]!.publicKey], threshold: 2, by },
});

/** One negotiation on a session of its own: what each side came to. `before` may spoil it. */
async function strike(
  ledgers: Ledgers,
  terms: Terms,
  options: {
    bids?: readonly [bigint, bigint];
    left?: Partial<NegotiateOptions>;
    onResults?: (results: readonly Result[]) => void;
  } = {},
  before: (left: Session, right: Session) => void = () => undefined,
): Promise<string[]> {
  const [left, right] = await openPair({
    left: { sealKey: keys.left, knownKeys: known.left, ledger: ledgers.left, afterCheat: 'allow' },
    right: { sealKey: keys.right, knownKeys: known.right, ledger: ledgers.right, afterCheat: 'allow' },
  });
  before(left, right);
  const [low, high] = options.bids ?? [400n, 500n];
  const running = [
    left.negotiate({ terms, mandate: { reservation: low }, ...options.left }),
    right.negotiate({ terms, mandate: { reservation: high } }),
  ];
  const ended = await codes(running);
  if (options.onResults !== undefined) options.onResults(await Promise.all(running));
  left.destroy();
  right.destroy();
  return ended;
}

/** The side that signs first spoils its signature: both have released, and neither has the agreement. */
const spoilSignature = (left: Session) =>
  tamper(left, (type, fields) => {
    if (type.id === agreementSignature.id) fields.signature![0]! ^= 1;
  });
const locksIn = async (name: string) =>
  (await readdir(join(directory, name))).filter((file) => file.endsWith('.lock'));

describe('the lock of a matter', () => {
  test('is given back however a negotiation ends', async () => {
    const ledgers = await newLedgers('locks');
    const refused = { left: { maxDisclosure: 1 } };
    expect((await strike(ledgers, unsealed(), refused))[0]).toBe('ERR_DISCLOSURE_LIMIT');
    expect((await strike(ledgers, sealed(), refused))[0]).toBe('ERR_DISCLOSURE_LIMIT');
    const declined = { left: { mandate: () => Promise.reject(new Error('no')) } };
    await strike(ledgers, sealed(), declined);
    await strike(ledgers, sealed({ matter: 'another' }), {}, spoilSignature);
    expect(await locksIn('locks-left')).toEqual([]);
    expect(await locksIn('locks-right')).toEqual([]);
    expect(await strike(ledgers, sealed())).toEqual(['ok', 'ok']);
  });

  test('is one for a matter and a subject of the same name', async () => {
    const ledgers = await newLedgers('names');
    expect(await strike(ledgers, sealed({ subject: 'Used  Car' }))).toEqual(['ok', 'ok']);
    const again = await strike(ledgers, sealed({ subject: 'a bargain', matter: 'USED CAR' }));
    expect(again).toContain('ERR_ATTEMPTS_EXHAUSTED');
  });
});

test('a limit on disclosure is a number of bits, and needs a ledger', async () => {
  const { left: ledger } = await newLedgers('limits');
  for (const [limit, options] of [
    [Number.NaN, { ledger }],
    [-1, { ledger }],
    [1, {}],
  ] as const) {
    const [left, right] = await openPair({ left: options });
    const offer = { terms: unsealed(), mandate: { reservation: 400n }, maxDisclosure: limit };
    expect(await codes([left.negotiate(offer)])).toEqual(['ERR_USAGE']);
    left.destroy();
    right.destroy();
  }
});

describe('without seals', () => {
  test('a stopped negotiation uses up an attempt, an agreed one does not', async () => {
    const ledgers = await newLedgers('unsealed');
    const terms = unsealed({ attempts: 2 });
    for (let run = 0; run < 3; run++) expect(await strike(ledgers, terms)).toEqual(['ok', 'ok']);
    for (let run = 0; run < 2; run++) {
      expect(await strike(ledgers, terms, {}, spoilSignature)).toEqual([
        'ERR_PEER_ABORTED',
        'ERR_PEER_CHEATED',
      ]);
    }
    const ended = await strike(ledgers, terms);
    expect(ended).toContain('ERR_ATTEMPTS_EXHAUSTED');
    expect(ended).not.toContain('ok');
    expect(await strike(ledgers, unsealed({ matter: 'another' }))).toEqual(['ok', 'ok']);
  });

  test('an agreed one uses up an attempt, too, where the deal has to be ratified and may lapse', async () => {
    const ledgers = await newLedgers('ratified');
    const terms = unsealed({ attempts: 2, publish, ratify: ratifiedBy('2999-01-08T00:00:00Z') });
    for (let run = 0; run < 2; run++) expect(await strike(ledgers, terms)).toEqual(['ok', 'ok']);
    const ended = await strike(ledgers, terms);
    expect(ended).toContain('ERR_ATTEMPTS_EXHAUSTED');
    expect(ended).not.toContain('ok');
    // Terms without ratification do not give it back either.
    expect(await strike(ledgers, unsealed())).toContain('ERR_ATTEMPTS_EXHAUSTED');
    expect(await strike(ledgers, unsealed({ attempts: 3 }))).toEqual(['ok', 'ok']);
  });

  test('nothing goes on while a sealed outcome waits for agreement', async () => {
    const ledgers = await newLedgers('downgrade');
    expect(await strike(ledgers, sealed(), {}, spoilSignature)).toEqual([
      'ERR_PEER_ABORTED',
      'ERR_PEER_CHEATED',
    ]);
    expect(await strike(ledgers, unsealed({ attempts: 9 }))).toContain('ERR_SEAL_CHANGED');
    expect(await strike(ledgers, sealed({ attempts: 9 }))).toContain('ERR_SEAL_CHANGED');
    expect(await strike(ledgers, sealed())).toEqual(['ok', 'ok']);
  });
});

describe('a party that enters something else than it sealed', () => {
  test.each([
    ['the initiator', 0],
    ['the responder', 1],
  ])('%s: the other side releases nothing, and uses up no attempt', async (name, cheater) => {
    const ledgers = await newLedgers(`liar-${name}`);
    const liar = changed(split, ({ compute }) => ({
      compute: (engine, { value }, release) => compute(engine, { value: value ^ 1n }, release),
    }));
    const [left, right] = await openPair({
      left: { sealKey: keys.left, knownKeys: known.left, ledger: ledgers.left, afterCheat: 'allow' },
      right: { sealKey: keys.right, knownKeys: known.right, ledger: ledgers.right, afterCheat: 'allow' },
    });
    const lie = (side: number) => (side === cheater ? { rules: [liar] } : {});
    const ended = await codes([
      left.negotiate({ terms: sealed(), mandate: { reservation: 400n }, ...lie(0) }),
      right.negotiate({ terms: sealed(), mandate: { reservation: 500n }, ...lie(1) }),
    ]);
    expect(ended[1 - cheater]).toBe('ERR_PEER_CHEATED');
    expect(ended[cheater]).toBe('ERR_PEER_ABORTED');
    const attempts = async (side: 'left' | 'right') =>
      (await ledgers[side].list()).flatMap((one) => one.attempts);
    expect(await attempts(cheater === 0 ? 'right' : 'left')).toEqual([]);
    // The responder releases its share first: where it is the liar, it has, and its own ledger holds it to that.
    expect(await attempts(cheater === 0 ? 'left' : 'right')).toHaveLength(cheater);
    const bids: [bigint, bigint] = cheater === 0 ? [410n, 510n] : [400n, 500n];
    expect(await strike(ledgers, sealed(), { bids })).toEqual(['ok', 'ok']);
  });
});

describe('an agreement that cannot be recorded', () => {
  test('is given all the same, with the reason, and can only be repeated', async () => {
    const ledgers = await newLedgers('unrecorded');
    const [left, right] = await openPair({
      left: { sealKey: keys.left, knownKeys: known.left, ledger: ledgers.left, afterCheat: 'allow' },
      right: { sealKey: keys.right, knownKeys: known.right, ledger: ledgers.right, afterCheat: 'allow' },
    });
    const { agreed } = LedgerSession.prototype;
    LedgerSession.prototype.agreed = () => Promise.reject(new LedgerError('ERR_LEDGER_UNUSABLE', 'full'));
    try {
      const results = await Promise.all([
        left.negotiate({ terms: sealed(), mandate: { reservation: 400n } }),
        right.negotiate({ terms: sealed(), mandate: { reservation: 500n } }),
      ]);
      for (const result of results) {
        expect(result).toMatchObject({
          deal: true,
          price: 450n,
          unrecorded: { code: 'ERR_LEDGER_UNUSABLE' },
        });
      }
    } finally {
      LedgerSession.prototype.agreed = agreed;
      left.destroy();
      right.destroy();
    }
    expect(await strike(ledgers, sealed(), { bids: [401n, 500n] })).toEqual(['ok', 'ok']);
    const [attempt] = (await ledgers.left.list())[0]!.attempts;
    expect(attempt!.agreement).toBeDefined();
  });
});

describe('an outcome that was released and is not agreed', () => {
  test('is finished with the bid of then, whatever mandate there is now, and nobody is asked', async () => {
    const ledgers = await newLedgers('standing');
    await strike(ledgers, sealed(), {}, spoilSignature);
    let results: readonly Result[] = [];
    const mandate = () => expect.unreachable('somebody was asked');
    const ended = await strike(ledgers, sealed(), {
      bids: [400n, 777n],
      left: { mandate },
      onResults: (given) => {
        results = given;
      },
    });
    expect(ended).toEqual(['ok', 'ok']);
    for (const [i, reservation] of [400n, 500n].entries()) {
      expect(results[i]).toMatchObject({ price: 450n, entered: { reservation } });
      expect(results[i]!.adjusted).toMatch(/an earlier session/);
    }
  });

  test('and a mandate that is still the same is entered as given', async () => {
    const ledgers = await newLedgers('standing-same');
    await strike(ledgers, sealed(), {}, spoilSignature);
    const onResults = (given: readonly Result[]) => {
      for (const { adjusted } of given) expect(adjusted).toBeUndefined();
    };
    expect(await strike(ledgers, sealed(), { onResults })).toEqual(['ok', 'ok']);
  });

  test('is not finished under another seal key, whatever the mandate is', async () => {
    const ledgers = await newLedgers('another-key');
    await strike(ledgers, sealed(), {}, spoilSignature);
    const [left, right] = await openPair({
      left: { sealKey: proveSealKey(bob, rawPublicKey(seller.publicKey)), ledger: ledgers.left },
      right: { sealKey: keys.right, knownKeys: known.right },
    });
    const ended = await codes([
      left.negotiate({ terms: sealed(), mandate: { reservation: 400n } }),
      right.negotiate({ terms: sealed(), mandate: { reservation: 500n } }),
    ]);
    expect(ended[0]).toBe('ERR_SEAL_CHANGED');
  });
});

describe('a rule that is sealed', () => {
  test('is not run where its bids are too long for a seal', () => {
    const draft = { ...sealed(), seals: undefined, range: { ...sealed().range, max: String(2n ** 63n) } };
    const rounds = (count: number) =>
      completeTerms({ ...draft, rule: { name: 'split', rounds: count } }, {}, split).seals;
    expect(rounds(15)).toBe('paillier');
    expect(() => rounds(16)).toThrow(/too long to be sealed/);
    const rule = { name: 'split', rounds: 16 };
    expect(completeTerms({ ...draft, seals: 'none', rule }, {}, split).seals).toBe('none');
  });

  const { compute, seal } = split.under(sealed());
  const width = seal!.width;
  const run = async (other: typeof compute) => {
    const [left, right] = await openPair({
      left: { sealKey: keys.left, knownKeys: known.left },
      right: { sealKey: keys.right, knownKeys: known.right },
    });
    const rules = [changed(split, () => ({ compute: other }))];
    const terms = sealed();
    const settled = await Promise.allSettled([
      left.negotiate({ terms, rules, mandate: { reservation: 400n } }),
      right.negotiate({ terms, rules, mandate: { reservation: 500n } }),
    ]);
    return settled.map((one) => (one.status === 'rejected' ? String(one.reason) : 'ok'));
  };

  /** Whoever comes to it first says why; the other side hears of an end. */
  const expectStopped = (ended: readonly string[], reason: RegExp) => {
    expect(ended).toContainEqual(expect.stringMatching(reason));
    expect(ended).not.toContain('ok');
  };

  test('cannot enter anything that is not sealed', async () => {
    const ended = await run((engine, entry, release) => {
      engine.input('a', 1, engine.party === 'a' ? Uint8Array.of(1) : undefined);
      return compute(engine, entry, release);
    });
    expectStopped(ended, /one number of each party/);
  });

  test('cannot enter a second number', async () => {
    const ended = await run(async (engine, entry, release) => {
      for (const party of ['a', 'b', 'a'] as const) {
        engine.input(party, width, engine.party === party ? new Uint8Array(width) : undefined);
      }
      return compute(engine, entry, release);
    });
    expectStopped(ended, /one number of each party/);
  });

  test('cannot reveal anything before its outcome, or without both numbers', async () => {
    for (const early of [false, true]) {
      const ended = await run(async (engine, _, release) => {
        const own = engine.input('a', width, engine.party === 'a' ? new Uint8Array(width) : undefined);
        await engine.reveal(own, 'both', early ? undefined : release);
        return { deal: false };
      });
      const reason = early ? /reveals its outcome only/ : /a number of each party/;
      expectStopped(ended, reason);
    }
  });
});
