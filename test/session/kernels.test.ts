import { describe, expect, test, vi } from 'vitest';
import { MAX_IDLE_BYTES } from '../../src/crypto/kernel-pool.ts';
import type { Security } from '../../src/documents/terms.ts';
import { LedgerError } from '../../src/errors.ts';
import type { SessionParts } from '../../src/session/parts.ts';
import type { Session } from '../../src/session/session.ts';
import { memoryOf, takeOver } from '../support/kernel-memory.ts';
import { codes, openPair, partsOf, splitTerms, tamper } from '../support/sessions.ts';

const securities = ['semi-honest', 'malicious'] as const;

/** The price of a split between 400 and 500, in sessions of their own. */
async function deal(security: Security): Promise<bigint | undefined> {
  const pair = await openPair();
  const terms = splitTerms({ security });
  const [result] = await Promise.all(
    pair.map((session, i) => session.negotiate({ terms, mandate: { reservation: [400n, 500n][i]! } })),
  );
  await Promise.all(pair.map((session) => session.close()));
  return result!.deal && 'price' in result! ? result.price : undefined;
}

/**
 * A negotiation that is cancelled at one side once `number` messages have been sent, whereupon the next owner takes over that side's memory: how
 * it ended, whether that memory was zero, and whether what was left of the session has written there.
 */
async function cancelled(security: Security, side: 0 | 1, number: number) {
  const pair = await openPair();
  const cancel = new AbortController();
  let sent = 0;
  for (const session of pair) {
    tamper(session, () => {
      sent += 1;
      if (sent === number) cancel.abort();
    });
  }
  const next = whenDestroyed(pair[side], takeOver);
  const terms = splitTerms({ security });
  const ended = await codes(
    pair.map((session, i) =>
      session.negotiate({
        terms,
        mandate: { reservation: [400n, 500n][i]! },
        ...(i === side ? { signal: cancel.signal } : {}),
      }),
    ),
  );
  for (const session of pair) session.destroy();
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  const { zero, isIntact } = next()!;
  return { code: ended[side], sent, zero, intact: isIntact() };
}

/** Calls `use` with a session's memory as soon as its kernel has been destroyed, and gives what that gave. */
function whenDestroyed<Value>(session: Session, use: (memory: () => Uint8Array) => Value) {
  const { kernel } = partsOf(session).setup;
  const memory = memoryOf(kernel);
  const destroy = kernel.destroy.bind(kernel);
  let value: Value | undefined;
  kernel.destroy = () => {
    destroy();
    value ??= use(memory);
  };
  return () => value;
}

test.each(['the session is destroyed', 'the peer leaves'])(
  'memory is zeroed when %s while this side checks what comes to nothing',
  async (what) => {
    const pair = await openPair();
    const [session] = pair;
    const { witness, link } = (session as unknown as { parts: SessionParts }).parts;
    let refuse: (error: Error) => void = () => undefined;
    witness.admit = () =>
      new Promise((_, reject) => {
        refuse = reject;
      });
    const gone = whenDestroyed(session, (memory) => memory().every((byte) => byte === 0));
    const ended = codes([session.negotiate({ terms: splitTerms(), mandate: { reservation: 400n } })]);
    if (what === 'the peer leaves') pair[1].destroy();
    else session.destroy();
    await vi.waitFor(() => expect(link.ended).toBeDefined());
    refuse(new LedgerError('ERR_PEER_BARRED', 'barred'));
    expect(await ended).toEqual(['ERR_PEER_BARRED']);
    expect(gone()).toBe(true);
    for (const one of pair) one.destroy();
  },
);

describe.each(securities)('%s sessions', (security) => {
  test('one after another share their memories', async () => {
    await deal(security);
    const made = vi.spyOn(WebAssembly, 'Memory');
    for (let round = 0; round < 4; round += 1) expect(await deal(security)).toBe(450n);
    expect(made).not.toHaveBeenCalled();
    made.mockRestore();
  });

  test('that end early leave memory zero, and do not touch it afterwards', async () => {
    const { sent } = await cancelled(security, 0, Number.POSITIVE_INFINITY);
    expect(sent).toBeGreaterThan(5);
    for (const side of [0, 1] as const) {
      for (let number = 1 + side; number <= sent; number += 2) {
        const { code, zero, intact } = await cancelled(security, side, number);
        const place = `side ${side}, message ${number}`;
        expect([place, zero, intact]).toEqual([place, true, true]);
        if (number < sent - 2) expect(code, place).toBe('ERR_CANCELLED');
      }
      expect(await deal(security)).toBe(450n);
    }
  });

  test('of a single price leave memories small enough to be kept', async () => {
    const pair = await openPair();
    const terms = splitTerms({ security });
    await Promise.all(
      pair.map((session, i) => session.negotiate({ terms, mandate: { reservation: [400n, 500n][i]! } })),
    );
    for (const session of pair) {
      const { kernel } = partsOf(session).setup;
      expect(memoryOf(kernel)().length).toBeLessThanOrEqual(MAX_IDLE_BYTES);
      session.destroy();
    }
  });
});
