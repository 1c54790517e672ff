import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { readDispute } from '../../src/arbiter/index.ts';
import { wordsIn } from '../../src/cli/commands/demo-walkaway.ts';
import { openJws } from '../../src/documents/jws.ts';
import { inProcess, parley } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

it('the demo shows how one side walks away with the outcome, and the other one gets it too', async () => {
  const { code, stdout, stderr } = await parley('demo', '--scenario', 'walkaway', '--json');
  expect(stderr).toContain('pulls the plug');
  expect(code).toBe(0);
  const { outcome, proofs, arbiter } = JSON.parse(stdout);
  expect(outcome).toEqual({ deal: true, price: expect.stringMatching(/^(4[5-9]|5[01])\d{4}$|^520000$/) });

  // Both have a proof that anybody can verify, of one outcome.
  for (const [role, proof] of [
    ['seller', 'resolved'],
    ['buyer', 'opened'],
  ]) {
    expect(proofs[role!].proof).toBe(proof);
    const verified = await inProcess('verify', proofs[role!].file, '--unpinned', '--json');
    expect(JSON.parse(verified.stdout)).toMatchObject({ valid: true, proof, outcome });
  }

  // Ben has really left, with his mask unopened; Ana has no dispute left.
  const folder = dirname(proofs.seller.file);
  const disputesOf = (role: string) => {
    const ledger = join(folder, role, 'identity.json.ledger');
    return readdirSync(ledger)
      .filter((name) => name.endsWith('.dispute.json'))
      .map((name) => readDispute(readFileSync(join(ledger, name))));
  };
  expect(disputesOf('seller')).toEqual([]);
  const [left] = disputesOf('buyer');
  expect(left).toMatchObject({ role: 'buyer', opened: true, peer: { mask: expect.anything() } });

  // What the arbiter has kept says what was agreed on, and holds no limit and no price.
  const words = wordsIn(openJws(readFileSync(arbiter.record)).payload);
  for (const known of ['used car', 'random-split', '1000000']) expect(words).toContain(known);
  for (const secret of ['450000', '520000', outcome.price]) expect(words).not.toContain(secret);
  const planted = wordsIn({
    deep: [{ signed: openJws(readFileSync(arbiter.record)).jws, price: outcome.price }],
  });
  for (const found of ['used car', outcome.price]) expect(planted).toContain(found);
});
