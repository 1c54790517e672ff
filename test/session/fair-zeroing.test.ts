import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { TermsDraft } from '../../src/documents/terms.ts';
import { Escrow, PAIRS } from '../../src/escrow/index.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { codes, partsOf } from '../support/sessions.ts';

/** The bits of a deposit, and everything secret that its escrow has drawn: the seeds. */
interface Made {
  readonly bits: Uint8Array;
  readonly seeds: readonly Uint8Array[];
}

let made: Made[];
let opened: Awaited<ReturnType<typeof openFair>> | undefined;
beforeEach(() => {
  made = [];
  const making = Escrow.making.bind(Escrow);
  vi.spyOn(Escrow, 'making').mockImplementation((options) => {
    const seeds: Uint8Array[] = [];
    const random = (length: number) => {
      const bytes = options.random(length);
      // The salt comes after all seeds, and is no secret.
      if (length === 32 && seeds.length < 2 * PAIRS) seeds.push(bytes);
      return bytes;
    };
    made.push({ bits: options.bits, seeds });
    return making({ ...options, random });
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  for (const session of opened?.sessions ?? []) session.destroy();
  opened = undefined;
});

const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);
/** What both sides have made, and still hold. */
const held = () => made.flatMap(({ bits, seeds }) => [bits, ...seeds]).filter((one) => !isZero(one));
const bids = [{ reservation: 300n }, { reservation: 600n }] as const;

async function meet(changes: Partial<TermsDraft> = {}) {
  opened = await openFair();
  return { terms: await fairTerms({ seals: 'none', ...changes }), sessions: opened.sessions };
}

describe('nothing of a deposit is left', () => {
  test('once there is an agreement; and until then it is there', async () => {
    const { terms, sessions } = await meet();
    await Promise.all(sessions.map((session) => session.prepare(terms)));
    expect(made.map(({ seeds }) => seeds.length)).toEqual([80, 80]);
    expect(held()).toHaveLength(162);
    await Promise.all(sessions.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })));
    expect(held()).toEqual([]);
  });

  test.each(['destroy', 'close'] as const)('in a session that is prepared and ended: %s', async (how) => {
    const { terms, sessions } = await meet();
    await Promise.all(sessions.map((session) => session.prepare(terms)));
    await codes(sessions.map(async (session) => session[how]()));
    expect(held()).toEqual([]);
  });

  test('where one side leaves while both are prepared', async () => {
    const { terms, sessions } = await meet();
    await Promise.all(sessions.map((session) => session.prepare(terms)));
    const failed = new Promise((resolve) => sessions[1].onFailure(resolve));
    sessions[0].destroy();
    await failed;
    expect(held()).toEqual([]);
  });

  test('where the terms differ', async () => {
    const { terms, sessions } = await meet();
    const other = await fairTerms({ seals: 'none', matter: 'another car' });
    const ended = await codes([
      sessions[0].negotiate({ terms, mandate: bids[0] }),
      sessions[1].negotiate({ terms: other, mandate: bids[1] }),
    ]);
    expect(ended).toContain('ERR_TERMS_MISMATCH');
    expect(made.length).toBeGreaterThan(0);
    expect(held()).toEqual([]);
  });

  test('where somebody leaves when asked for a mandate', async () => {
    const { terms, sessions } = await meet();
    const leaves = () => Promise.reject(new Error('gone'));
    await codes([
      sessions[0].negotiate({ terms, mandate: leaves }),
      sessions[1].negotiate({ terms, mandate: bids[1] }),
    ]);
    expect(made).toHaveLength(2);
    expect(held()).toEqual([]);
  });

  test('where a side stops after its deposit is answered', async () => {
    const { terms, sessions } = await meet();
    const { link } = partsOf(sessions[0]);
    const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
    link.send = (async (type: { name: string }, ...rest: unknown[]) => {
      if (type.name !== 'engagement with a deadline') return send(type, ...rest);
      sessions[0].destroy();
      throw new Error('stopped');
    }) as never;
    await codes(sessions.map((session, i) => session.negotiate({ terms, mandate: bids[i]! })));
    expect(made).toHaveLength(2);
    expect(held()).toEqual([]);
  });
});
