import { writeFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { split } from '../../protocols/split/index.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { proveSealKey } from '../../src/seals/index.ts';
import { openAgreement } from '../../src/verify/openings.ts';
import { alice, bob } from '../paillier/keys.ts';
import { changed } from '../support/rules.ts';
import { buyer, openPair, seller, splitTerms } from '../support/sessions.ts';
import { desk, inProcess } from './support.ts';

vi.setConfig({ testTimeout: 60_000 });

it('verify names the party whose opening shows what no mandate has', async () => {
  const { put, path } = desk();
  const sealKey = proveSealKey(bob, rawPublicKey(buyer.publicKey));
  const [left, right] = await openPair({
    left: { sealKey: proveSealKey(alice, rawPublicKey(seller.publicKey)) },
    right: { sealKey },
  });
  const terms = splitTerms({ security: 'malicious', seals: 'paillier' });
  const odd = changed(split, () => ({ enter: () => ({ value: 1023n }) }));
  const [{ agreement }] = await Promise.all([
    left.negotiate({ terms, mandate: { reservation: 0n } }),
    right.negotiate({ terms, mandate: { abstain: true }, rules: [odd] }),
  ]);
  left.destroy();
  right.destroy();
  writeFileSync(path('agreement'), serializeAgreement(agreement));
  const opening = put('opening', await openAgreement(agreement, { identity: buyer.publicKey, sealKey }));
  const ended = await inProcess('verify', path('agreement'), '--opening', opening, '--json');
  expect(ended.code).toBe(1);
  expect(JSON.parse(ended.stdout)).toEqual({ valid: false, code: 'ERR_OPENING_INVALID', party: 'buyer' });
  expect(ended.stderr).toContain('the buyer’s opening is not valid: no mandate has what it shows');
});
