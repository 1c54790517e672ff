import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { testRandom } from '../support/channels.ts';
import { openPair, splitTerms, tamper } from '../support/sessions.ts';

/** Every message of a session from fixed seeds: who sent it, its fields' lengths, and a hash of all of it. */
test.each(['semi-honest', 'malicious'] as const)(
  'the messages of a %s session do not change by accident',
  async (security) => {
    const pair = await openPair({ left: { random: testRandom(21) }, right: { random: testRandom(22) } });
    const sent: Record<string, string[]> = { initiator: [], responder: [] };
    for (const [index, session] of pair.entries()) {
      tamper(session, (type, fields) => {
        const digest = createHash('sha256');
        for (const bytes of Object.values(fields)) digest.update(bytes);
        const lengths = Object.entries(fields).map(([name, bytes]) => `${name} ${bytes.length}`);
        const id = type.id.toString(16).padStart(2, '0');
        sent[index === 0 ? 'initiator' : 'responder']!.push(
          `${id} ${type.name} { ${lengths.join(', ')} } ${digest.digest('hex').slice(0, 16)}`,
        );
      });
    }
    const terms = splitTerms({ security });
    await Promise.all([
      pair[0].negotiate({ terms, mandate: { reservation: 400n } }),
      pair[1].negotiate({ terms, mandate: { reservation: 500n } }),
    ]);
    for (const session of pair) session.destroy();
    expect(sent).toMatchSnapshot();
  },
);
