import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Terms } from '../../src/documents/terms.ts';
import type { Session } from '../../src/session/session.ts';
import { testRandom } from '../support/channels.ts';
import { bela, buyerCertificate, certificateOf, delegationOf } from '../support/delegations.ts';
import { fairTerms, openFair } from '../support/fair.ts';
import { openPair, splitTerms, tamper } from '../support/sessions.ts';

/** Every message of a session: who sent it, its fields' lengths and, if everything in it follows from seeds, a hash of all of it. */
async function messagesOf(pair: readonly [Session, Session], terms: Terms, hashed = true) {
  const sent: Record<string, string[]> = { initiator: [], responder: [] };
  for (const [index, session] of pair.entries()) {
    tamper(session, (type, fields) => {
      const digest = createHash('sha256');
      for (const bytes of Object.values(fields)) digest.update(bytes);
      const lengths = Object.entries(fields).map(([name, bytes]) => `${name} ${bytes.length}`);
      const id = type.id.toString(16).padStart(2, '0');
      const end = hashed ? ` ${digest.digest('hex').slice(0, 16)}` : '';
      sent[index === 0 ? 'initiator' : 'responder']!.push(
        `${id} ${type.name} { ${lengths.join(', ')} }${end}`,
      );
    });
  }
  await Promise.all([
    pair[0].negotiate({ terms, mandate: { reservation: 400n } }),
    pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
  ]);
  for (const session of pair) session.destroy();
  return sent;
}

test.each(['semi-honest', 'malicious'] as const)(
  'the messages of a %s session do not change by accident',
  async (security) => {
    const pair = await openPair({ left: { random: testRandom(21) }, right: { random: testRandom(22) } });
    expect(await messagesOf(pair, splitTerms({ security }))).toMatchSnapshot();
  },
);

test('nor do those of a session with seals', async () => {
  const { arbiter: _, ...terms } = await fairTerms();
  const { sessions } = await openFair({
    left: { random: testRandom(23) },
    right: { random: testRandom(24) },
  });
  expect(await messagesOf(sessions, terms)).toMatchSnapshot();
});

test('nor do those of a session in which both act for somebody else', async () => {
  const left = await delegationOf(certificateOf());
  const right = await delegationOf(buyerCertificate(), [bela]);
  const pair = await openPair({
    left: { random: testRandom(21), delegation: left.documents },
    right: { random: testRandom(22), delegation: right.documents },
  });
  const mandates = { seller: left.digest, buyer: right.digest };
  expect(await messagesOf(pair, splitTerms({ mandates }))).toMatchSnapshot();
});

// When the escrow is made, the engine draws at the same time: only lengths follow from the seeds.
test.each(['paillier', 'none'] as const)(
  'nor do those of a session with an arbiter, seals %s',
  async (seals) => {
    const { sessions } = await openFair();
    expect(await messagesOf(sessions, await fairTerms({ seals }), false)).toMatchSnapshot();
  },
);
