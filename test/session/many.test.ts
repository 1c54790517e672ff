import { expect, test } from 'vitest';
import type { Session } from '../../src/session/session.ts';
import { codes, openPair, splitTerms } from '../support/sessions.ts';

/** Whole rounds of the event loop while `work` goes on: CPU milliseconds of the longest, and of all together. */
async function rounds(work: Promise<unknown>): Promise<{ longest: number; total: number }> {
  let longest = 0;
  let over = false;
  const start = process.cpuUsage();
  const ms = ({ user, system }: NodeJS.CpuUsage) => (user + system) / 1000;
  const ended = work.finally(() => {
    over = true;
  });
  while (!over) {
    const before = process.cpuUsage();
    await new Promise((resolve) => setImmediate(resolve));
    longest = Math.max(longest, ms(process.cpuUsage(before)));
  }
  await ended;
  return { longest, total: ms(process.cpuUsage(start)) };
}

test('B11: many sessions with both sides in one process, begun in opposite orders, take turns and all come to an end', async () => {
  const pairs = await Promise.all(Array.from({ length: 24 }, () => openPair({ timeout: 60_000 })));
  const terms = splitTerms({ security: 'malicious' });
  const begin = (session: Session, seller: boolean) =>
    session.negotiate({ terms, mandate: { reservation: seller ? 400n : 500n } });
  const negotiations = pairs.map(([left, right], i) =>
    i % 2 === 0 ? [begin(left, true), begin(right, false)] : [begin(right, false), begin(left, true)],
  );
  const ended = codes(negotiations.flat());
  const { longest, total } = await rounds(ended);
  expect([...new Set(await ended)]).toEqual(['ok']);
  expect(longest).toBeLessThan(total / 6);
  await Promise.all(pairs.flat().map((session) => session.close()));
}, 120_000);
