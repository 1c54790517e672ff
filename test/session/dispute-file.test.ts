import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { serializeDispute } from '../../src/arbiter/index.ts';
import { toHex, utf8 } from '../../src/crypto/encoding.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { type DisputeStore, Ledger, memoryDisputes, memoryStore } from '../../src/ledger/index.ts';
import { Certificates } from '../../src/session/certificates.ts';
import { requireNoDispute } from '../../src/session/dispute-file.ts';
import { buyer, disputeOf, type Engaged, engaged } from '../arbiter/support.ts';
import { digest } from '../escrow/support.ts';

const peer = buyer.publicKey;
const stranger = { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' } as const;
let deal: Engaged;
let document: Uint8Array;
beforeAll(async () => {
  deal = await engaged();
  document = serializeDispute(disputeOf(deal, 'seller'));
});

let disputes: DisputeStore;
let ledger: Ledger;
beforeEach(() => {
  disputes = { ...memoryDisputes(), place: (session) => `/home/${toHex(session)}` };
  ledger = new Ledger(memoryStore());
});

const certificates = new Certificates(undefined);
const about = (matter?: string) => ({
  terms: matter === undefined ? deal.terms : { ...deal.terms, matter },
  peerRole: 'buyer',
});
const allowed = (run: Promise<void>) => expect(run).resolves.toBeUndefined();
const refused = (run: Promise<void>, code: string) => expect(run).rejects.toMatchObject({ code });

/** An outcome is released to the peer on a matter, and agreed on or not. */
async function release(matter: string, agreed: boolean): Promise<void> {
  const session = await ledger.begin(rawPublicKey(peer), matter);
  const [question, own, theirs] = [digest('question'), digest('own'), digest('theirs')];
  session.admit(
    { question, own, peer: theirs, session: digest('session') },
    { rule: 'split', attempts: 9, bits: 1, maxDisclosure: undefined, shown: true },
  );
  await session.sealed(null);
  await session.released();
  if (agreed) await session.agreed(digest('agreement'));
  await session.end();
}

describe('an open dispute', () => {
  test('is an obstacle with its peer on its matter, and nowhere else', async () => {
    await disputes.keep(deal.session, document);
    await refused(requireNoDispute({ disputes, ledger, peer, certificates }, about()), 'ERR_DISPUTE_OPEN');
    await refused(
      requireNoDispute({ disputes, ledger: undefined, peer, certificates }, about(` ${deal.terms.subject} `)),
      'ERR_DISPUTE_OPEN',
    );
    await allowed(requireNoDispute({ disputes, ledger, peer, certificates }, about('something else')));
    await allowed(requireNoDispute({ disputes, ledger, peer: stranger, certificates }, about()));
    await disputes.remove(deal.session);
    await allowed(requireNoDispute({ disputes, ledger, peer, certificates }, about()));
  });
});

describe('a dispute file that cannot be read', () => {
  const damaged = digest('damaged');
  const named = { code: 'ERR_DISPUTE_INVALID', message: expect.stringContaining(toHex(damaged)) };

  test.each([
    ['cut short', (bytes: Uint8Array) => bytes.subarray(0, bytes.length >> 1)],
    ['empty', () => utf8('')],
    ['changed', (bytes: Uint8Array) => bytes.map((byte, i) => (i === 5_000 ? byte ^ 1 : byte))],
  ])('is an obstacle only where an outcome waits for agreement: %s', async (_, damage) => {
    await disputes.keep(damaged, damage(document));
    await allowed(requireNoDispute({ disputes, ledger, peer, certificates }, about()));
    await release(deal.terms.subject, false);
    await expect(requireNoDispute({ disputes, ledger, peer, certificates }, about())).rejects.toMatchObject(
      named,
    );
    await allowed(requireNoDispute({ disputes, ledger, peer, certificates }, about('something else')));
    await allowed(requireNoDispute({ disputes, ledger, peer: stranger, certificates }, about()));
    await release(deal.terms.subject, true);
    await allowed(requireNoDispute({ disputes, ledger, peer, certificates }, about()));
  });

  test('is one everywhere without a ledger', async () => {
    await disputes.keep(damaged, utf8('{'));
    await expect(
      requireNoDispute({ disputes, ledger: undefined, peer, certificates }, about()),
    ).rejects.toMatchObject(named);
  });

  test('hides no other dispute', async () => {
    await disputes.keep(damaged, utf8('{'));
    await disputes.keep(deal.session, document);
    await refused(requireNoDispute({ disputes, ledger, peer, certificates }, about()), 'ERR_DISPUTE_OPEN');
  });
});
