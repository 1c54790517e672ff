import { describe, expect, it } from 'vitest';
import type { Mandate } from '../../protocols/rule.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import type { Terms } from '../../src/documents/terms.ts';
import { InputError, LedgerError, ParleyError, TimeoutError } from '../../src/errors.ts';
import { codeFor, type LogLine } from '../../src/link/log.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { termsOf } from '../findings/support.ts';
import { alice, bob } from '../paillier/keys.ts';
import { buyer, codes, openPair, seller, splitTerms } from '../support/sessions.ts';

const keys = [
  proveSealKey(alice, rawPublicKey(seller.publicKey)),
  proveSealKey(bob, rawPublicKey(buyer.publicKey)),
] as const;

interface Logged {
  readonly lines: readonly [LogLine[], LogLine[]];
  readonly ended: string[];
}

/** Both sides' logs of one negotiation. */
async function logged(
  terms: readonly [Terms, Terms],
  mandates: readonly [Mandate, Mandate],
  timeout = 20_000,
): Promise<Logged> {
  const lines: [LogLine[], LogLine[]] = [[], []];
  const pair = await openPair({
    timeout,
    left: { sealKey: keys[0], log: (line) => lines[0].push(line) },
    right: { sealKey: keys[1], log: (line) => lines[1].push(line) },
  });
  const ended = await codes(
    pair.map((session, at) => session.negotiate({ terms: terms[at]!, mandate: async () => mandates[at]! })),
  );
  await codes(pair.map((session) => session.close()));
  return { lines, ended };
}

const both = <Value>(one: Value) => [one, one] as const;
const of = <Event extends LogLine['event']>(lines: readonly LogLine[], event: Event) =>
  lines.filter((line): line is Extract<LogLine, { event: Event }> => line.event === event);

describe('a log of a session', () => {
  it('has what happened, and fits the log of the other side', async () => {
    const { lines, ended } = await logged(both(splitTerms()), [{ reservation: 400n }, { reservation: 500n }]);
    expect(ended).toEqual(['ok', 'ok']);
    const [left, right] = lines;
    expect(
      left.map(({ event }) => event).filter((event) => event !== 'sent' && event !== 'received'),
    ).toEqual([
      ...['connected', 'authenticated', 'terms'],
      ...['phase', 'phase', 'phase', 'phase', 'phase', 'closing', 'closed'],
    ]);
    expect(of(left, 'phase').map(({ phase }) => phase)).toEqual([
      ...['terms-agreed', 'mandate-given', 'engaged', 'outcome-known', 'signed'],
    ]);
    const messages = (all: LogLine[], event: 'sent' | 'received') =>
      of(all, event).map(({ message, bytes }) => `${message} ${bytes}`);
    expect(messages(left, 'sent')).toEqual(messages(right, 'received'));
    expect(messages(right, 'sent')).toEqual(messages(left, 'received'));
    expect(messages(left, 'sent')[0]).toBe('hello 33');
    const named = new Set([...left, ...right].map(({ session }) => session));
    expect([...named].filter((session) => session !== undefined)).toHaveLength(1);
    expect(of(left, 'terms')[0]!.digest).toBe(of(right, 'terms')[0]!.digest);
    const closed = of(left, 'closed')[0]!;
    expect(closed.flights).toBe(of(right, 'closed')[0]!.flights);
    for (const { time } of left) expect(new Date(time).toISOString()).toBe(time);
  });

  it('shows both sides why it failed', async () => {
    const terms = [splitTerms(), splitTerms({ subject: 'another car' })] as const;
    const { lines, ended } = await logged(terms, both({ reservation: 400n }));
    expect(ended.sort()).toContain('ERR_TERMS_MISMATCH');
    expect(of(lines[0], 'terms')[0]!.digest).not.toBe(of(lines[1], 'terms')[0]!.digest);
    expect(lines.flatMap((all) => of(all, 'aborted').map(({ code }) => code))).toContain(
      'ERR_TERMS_MISMATCH',
    );
    for (const all of lines) expect(of(all, 'aborted')).toHaveLength(1);
  });

  it('names the message that was due', async () => {
    const lines: LogLine[] = [];
    const [left, right] = await openPair({ timeout: 300, left: { log: (line) => lines.push(line) } });
    const ended = await codes([
      left.negotiate({ terms: splitTerms(), mandate: { reservation: 400n }, timeout: 300, wait: 300 }),
    ]);
    right.destroy();
    expect(ended[0]).toMatch(/ERR_TIMEOUT|ERR_PEER_LEFT/);
    expect(of(lines, 'aborted')).toMatchObject([{ code: ended[0], awaited: 'hello' }]);
  });

  it('that throws ends nothing', async () => {
    const log = () => {
      throw new Error('no paper');
    };
    const pair = await openPair({ left: { log } });
    const terms = splitTerms();
    expect(
      await codes(pair.map((session) => session.negotiate({ terms, mandate: { reservation: 450n } }))),
    ).toEqual(['ok', 'ok']);
    for (const session of pair) session.destroy();
  });

  const menu = { issues: [{ name: 'Colour', values: ['red', 'green', 'blue'] }] };
  it.each<[string, Terms, Mandate[]]>([
    [
      'prices, semi-honest',
      splitTerms(),
      [
        { reservation: 0n },
        { reservation: 333n },
        { reservation: 1000n },
        { reservation: 10n ** 9n },
        { abstain: true },
      ],
    ],
    [
      'whether only, malicious',
      termsOf({ rule: { name: 'zopa' }, security: 'malicious' }),
      [{ reservation: 7n }, { reservation: 900n }, { abstain: true }],
    ],
    [
      'a menu, malicious, sealed',
      termsOf({ rule: { name: 'menu', solution: 'nash' }, menu, security: 'malicious', seals: 'paillier' }),
      [
        { reservation: 0.1, utilities: [1, 0.5, 0.2] },
        { reservation: 0.99, utilities: [0, 0, 1] },
        { abstain: true },
      ],
    ],
  ])(
    'does not depend on a mandate: %s',
    async (_, terms, mandates) => {
      const shown = new Set<string>();
      // The circuit of a link depends on the other side's challenge, which is random.
      const sealed = terms.seals !== 'none';
      const varying = { time: 0, session: 0, flights: 0, sent: 0, received: 0 };
      for (const mandate of mandates) {
        for (const pair of [
          [mandate, mandates[0]!],
          [mandates[0]!, mandate],
        ] as const) {
          const { lines, ended } = await logged(both(terms), pair);
          expect(ended).toEqual(['ok', 'ok']);
          // What is under way at the same time goes in the order in which the machine gets round to it.
          const parts = lines.map((all) =>
            ['sent', 'received', 'other'].map((part) =>
              all
                .filter(({ event }) => (event === 'sent' || event === 'received' ? event : 'other') === part)
                .map((line) => JSON.stringify({ ...line, ...varying, ...(sealed && { bytes: 0 }) }))
                .sort(),
            ),
          );
          shown.add(JSON.stringify(parts));
        }
      }
      expect(shown.size).toBe(1);
    },
    120_000,
  );
});

it('an error that may come from a mandate has no code in a log', () => {
  expect(codeFor(new TimeoutError('late'))).toEqual({ code: 'ERR_TIMEOUT' });
  expect(codeFor(new ParleyError('ERR_CLOSED', 'closed'))).toEqual({ code: 'ERR_CLOSED' });
  expect(codeFor(new InputError('ERR_MANDATE_INVALID', 'no'))).toEqual({});
  expect(codeFor(new LedgerError('ERR_SEAL_CHANGED', 'no'))).toEqual({});
  expect(codeFor(new Error('4711'))).toEqual({});
});
