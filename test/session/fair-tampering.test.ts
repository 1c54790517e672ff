import { afterEach, expect, test } from 'vitest';
import {
  complain,
  type DisputeEnd,
  defineArbiter,
  memoryCases,
  readDispute,
} from '../../src/arbiter/index.ts';
import { formatTime } from '../../src/documents/terms.ts';
import { ciphertextLength } from '../../src/escrow/index.ts';
import type { Session } from '../../src/session/session.ts';
import { arbiter as escrowKey } from '../escrow/support.ts';
import { arbiterIdentity } from '../escrow/terms.ts';
import { fairTerms, keptIn, openFair } from '../support/fair.ts';
import { buyer, partsOf, seller, tamper } from '../support/sessions.ts';

const FULL = process.env.PARLEY_FULL === '1';
const identities = [seller, buyer] as const;
/** Bits of an outcome of `split` on 1,001 prices. */
const WIDTH = 11;

/** Changes a message in place. */
type Change = (fields: Record<string, Uint8Array>) => void;
const flip =
  (field: string, at = 0): Change =>
  (fields) => {
    fields[field]![at]! ^= 1;
  };
/** Changes a byte of each of the 80 ciphertexts, of which any 40 are opened. */
const eachCiphertext =
  (at: number): Change =>
  ({ ciphertexts }) => {
    for (let i = at; i < ciphertexts!.length; i += ciphertextLength(WIDTH)) ciphertexts![i]! ^= 1;
  };
const later =
  (seconds: number): Change =>
  ({ complainBy }) => {
    const view = new DataView(complainBy!.buffer, complainBy!.byteOffset, 8);
    view.setBigUint64(0, view.getBigUint64(0) + BigInt(seconds));
  };

/** What one side sends, changed on its way; what the other side says to that; and whether that side can then have the outcome from the arbiter. */
interface Case {
  readonly side: 0 | 1;
  readonly message: string;
  readonly change: Change;
  readonly error: object;
  readonly ends?: 'proved';
  /** Seconds from now until the terms expire, if that matters. */
  readonly expires?: number;
}
const cheated = (check: string) => ({ code: 'ERR_PEER_CHEATED', check });
const sides = [0, 1] as const;
const cases: readonly (readonly [string, Case])[] = [
  ...sides.flatMap((side): [string, Case][] => [
    [
      `${side}: elements of ciphertexts`,
      { side, message: 'escrow.deposit', change: eachCiphertext(31), error: cheated('escrow') },
    ],
    [
      `${side}: ciphertexts`,
      { side, message: 'escrow.deposit', change: eachCiphertext(70), error: cheated('escrow') },
    ],
    [
      `${side}: a correction`,
      {
        side,
        message: 'authenticated.fixedBits',
        change: flip('corrections', 30),
        error: cheated('macs of combinations'),
      },
    ],
    [
      `${side}: seeds`,
      { side, message: 'escrow.answer', change: flip('seeds', 33), error: cheated('escrow') },
    ],
    [
      `${side}: commitment`,
      { side, message: 'escrow.commitment', change: flip('commitment'), error: cheated('seal challenge') },
    ],
    [
      `${side}: nonce`,
      { side, message: 'seal.challenge', change: flip('nonce'), error: cheated('seal challenge') },
    ],
    [
      `${side}: mask`,
      { side, message: 'escrow.maskOpening', change: flip('mask'), error: cheated('mask'), ends: 'proved' },
    ],
    [
      `${side}: index`,
      { side, message: 'escrow.maskOpening', change: flip('index'), error: cheated('mask'), ends: 'proved' },
    ],
    [
      `${side}: seed`,
      { side, message: 'escrow.maskOpening', change: flip('seed'), error: cheated('mask'), ends: 'proved' },
    ],
    [
      `${side}: signature on a mask`,
      {
        side,
        message: 'escrow.maskOpening',
        change: flip('signature'),
        error: cheated('mask signature'),
        ends: 'proved',
      },
    ],
    [
      `${side}: last signature`,
      {
        side,
        message: 'agreement signature',
        change: flip('signature'),
        error: cheated('agreement signature'),
        ends: 'proved',
      },
    ],
  ]),
  [
    '0: salt',
    { side: 0, message: 'escrow.deposit', change: flip('salt'), error: cheated('engagement signature') },
  ],
  [
    '0: one second',
    {
      side: 0,
      message: 'engagement with a deadline',
      change: later(1),
      error: cheated('engagement signature'),
    },
  ],
  [
    '0: ten minutes',
    { side: 0, message: 'engagement with a deadline', change: later(600), error: { code: 'ERR_CLOCK' } },
  ],
  [
    '0: a minute and a half, past the deadline of the terms',
    {
      side: 0,
      message: 'engagement with a deadline',
      change: later(90),
      error: cheated('deadline for complaints'),
      expires: 660,
    },
  ],
  [
    '0: engagement',
    {
      side: 0,
      message: 'engagement with a deadline',
      change: flip('signature'),
      error: cheated('engagement signature'),
    },
  ],
  [
    '1: engagement',
    { side: 1, message: 'engagement', change: flip('signature'), error: cheated('engagement signature') },
  ],
];

let opened: Awaited<ReturnType<typeof openFair>> | undefined;
afterEach(() => {
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

const inSeconds = (seconds: number) => formatTime(Date.now() + 1_000 * seconds);

/** With seals, challenges are committed to with the keys. */
const sealed = cases.filter(([, { message }]) => message !== 'escrow.commitment');
const chosen = FULL
  ? [...cases.map((one) => ['none', ...one] as const), ...sealed.map((one) => ['paillier', ...one] as const)]
  : cases.filter((_, i) => i % 3 === 0).map((one) => ['none', ...one] as const);

test.each(chosen)(
  'seals %s: what side %s is changed on its way: the other side stops',
  async (seals, _, { side, message, change, error, ends, expires }) => {
    const terms = await fairTerms({ seals, ...(expires !== undefined && { expires: inSeconds(expires) }) });
    opened = await openFair();
    const { sessions, disputes } = opened;
    tamper(sessions[side], (type, fields) => {
      if (type.name === message) change(fields);
    });
    const honest = (1 - side) as 0 | 1;
    const results = await Promise.allSettled(
      sessions.map((session, i) => session.negotiate({ terms, mandate: { reservation: [300n, 600n][i]! } })),
    );
    const result = results[honest]!;
    if (result.status === 'fulfilled') throw new Error('the honest side has noticed nothing');
    expect(result.reason).toMatchObject(error);
    const [document] = await keptIn(disputes[honest]);
    if (ends === undefined) return;
    const arbiter = defineArbiter({ identity: arbiterIdentity, escrowKey, store: memoryCases() });
    const end: DisputeEnd = await complain({
      dispute: readDispute(document!),
      identity: identities[honest],
      send: ({ kind, document: sent }) => (kind === 'complaint' ? arbiter.answer(sent) : arbiter.ask(sent)),
    });
    expect(end).toMatchObject({ kind: ends, agreement: { outcome: { deal: true, price: '450' } } });
  },
);

/** Makes a session leave out one message, and end a moment later. Gives the names of all that it sends. */
function leaveOut(session: Session, message?: string): readonly string[] {
  const { link } = partsOf(session);
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  const names: string[] = [];
  link.send = async (type, shape, fields) => {
    if (type.name === message) {
      setTimeout(() => session.destroy(), 300);
      return;
    }
    names.push(type.name);
    await send(type, shape, fields);
  };
  return names;
}

const withheld = ['authenticated.fixedBits', 'escrow.deposit'].flatMap((message) =>
  sides.flatMap((side) =>
    (['none', 'paillier'] as const).flatMap((seals) =>
      (FULL ? [false, true] : [side === 1]).map((prepared) => ({ message, side, seals, prepared })),
    ),
  ),
);

test.each(withheld)(
  'no challenge opens before the other side’s bits and ciphertexts are there: side $side without $message, seals $seals, prepared: $prepared',
  async ({ message, side, seals, prepared }) => {
    const terms = await fairTerms({ seals });
    opened = await openFair();
    const { sessions } = opened;
    if (prepared) await Promise.all(sessions.map((session) => session.prepare(terms)));
    leaveOut(sessions[side], message);
    const sent = leaveOut(sessions[1 - side]!);
    const results = await Promise.allSettled(
      sessions.map((session, i) => session.negotiate({ terms, mandate: { reservation: [300n, 600n][i]! } })),
    );
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(sent).toContain('authenticated.maskedInputs');
    expect(sent).not.toContain('seal.challenge');
  },
);
