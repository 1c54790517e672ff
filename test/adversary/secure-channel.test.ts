import { expect, test, vi } from 'vitest';
import type { Link } from '../../src/link/link.ts';
import type { Fields, MessageType } from '../../src/link/message.ts';
import { secureLinks } from '../support/channels.ts';
import { flip } from './harness/changes.ts';
import { seats } from './harness/checks.ts';
import { requireDeclared } from './harness/declared.ts';
import { codeOf, duel } from './harness/duel.ts';
import { Dealer, seatEvaluator, seatGarbler } from './harness/engines.ts';
import { meet } from './harness/programs.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const inputs = { a: Uint8Array.of(1, 0, 1, 0, 0, 1, 0), b: Uint8Array.of(0, 1, 1, 0, 1, 1, 0) };
const SEED = 3;

/** A link whose owner changes a bit in the middle of one field of one message before it is encrypted. */
class CheatingLink implements Link {
  private readonly inner: Link;
  private readonly message: string;
  private readonly field: string;
  done = false;

  constructor(inner: Link, message: string, field: string) {
    requireDeclared(message, field);
    this.inner = inner;
    this.message = message;
    this.field = field;
  }

  send<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
    fields: Fields<Field>,
  ): Promise<void> {
    if (this.done || type.name !== this.message) return this.inner.send(type, shape, fields);
    this.done = true;
    const bytes = fields[this.field as Field];
    return this.inner.send(type, shape, {
      ...fields,
      [this.field]: flip(4 * bytes.length + 1)(bytes.slice()),
    });
  }

  receive<Shape, Field extends string>(
    type: MessageType<Shape, Field>,
    shape: Shape,
  ): Promise<Fields<Field>> {
    return this.inner.receive(type, shape);
  }
}

type Result = { readonly code: string } | { readonly outcome: unknown };

/** Runs over Noise and encrypted records with real base OTs; the honest party aborts its link as a session does. */
async function run(cheater: 'a' | 'b', message: string, field: string): Promise<Record<'a' | 'b', Result>> {
  const [left, right] = await secureLinks({ timeout: 5_000 });
  const links = { a: left, b: right };
  const cheating = new CheatingLink(links[cheater], message, field);
  const setup = { seed: SEED, baseOts: 'public' as const };
  const dealer = new Dealer(SEED);
  const play = (party: 'a' | 'b') =>
    seats.run({ party, honest: party !== cheater, off: new Set(), failed: [] }, async (): Promise<Result> => {
      const link = party === cheater ? cheating : links[party];
      try {
        const seat = party === 'a' ? seatGarbler(link, setup, dealer) : seatEvaluator(link, setup, dealer);
        const { engine } = await seat;
        return { outcome: await meet.run(engine, inputs[party]) };
      } catch (error) {
        const { code } = error as { code: string };
        links[party].abort(error as never);
        return { code };
      }
    });
  const [a, b] = await Promise.all([play('a'), play('b')]);
  left.destroy();
  right.destroy();
  expect(cheating.done, `${message} of ${cheater} was never sent`).toBe(true);
  return { a, b };
}

test('inside the encrypted channel: each message with one bit changed, by each party', async () => {
  const { a, b, sent } = await duel({ program: meet, seed: SEED, inputs, baseOts: 'public' });
  expect([codeOf(a), codeOf(b)]).toEqual([undefined, undefined]);
  const outcome = meet.plain('a', inputs.a, inputs.b);
  const unnoticed = new Set(['authenticated.maskedInputs b']);
  const mayPass = new Set([
    ...unnoticed,
    'authenticated.leakyCiphertexts a',
    'authenticated.leakyCiphertexts b',
    'authenticated.garbledGates a',
  ]);
  const first = new Map(sent.map((message) => [`${message.type.name} ${message.side}`, message]));
  expect(first.size).toBeGreaterThan(25);
  for (const [key, { side, type, fields }] of first) {
    const field = Object.keys(fields)[0]!;
    const result = await run(side, type.name, field);
    const honest = result[side === 'a' ? 'b' : 'a'];
    if (mayPass.has(key) && 'outcome' in honest) {
      if (!unnoticed.has(key)) expect(honest.outcome).toEqual(outcome);
      continue;
    }
    expect(honest, key).toEqual({ code: 'ERR_PEER_CHEATED' });
    const cheated = result[side];
    if ('code' in cheated) expect(cheated.code, key).toBe('ERR_PEER_ABORTED');
  }
}, 60_000);
