import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { expect, it, vi } from 'vitest';
import { openJws } from '../../src/documents/jws.ts';
import { inProcess, parley } from './support.ts';

vi.setConfig({ testTimeout: 180_000 });

it('the demo shows one obligation kept and one broken, and the files alone say which', async () => {
  const { code, stdout, stderr } = await parley('demo', '--scenario', 'persona', '--json');
  expect(stderr).toContain('gives nothing to the archive');
  expect(code).toBe(0);
  const { outcome, agreement, statements, now, later } = JSON.parse(stdout);
  expect(outcome).toMatchObject({ deal: true, option: { values: { weights: 'kept for 5 years' } } });
  expect(now).toEqual({ notes: 'kept', interview: 'open', archive: 'open', fund: 'void' });
  expect(later.obligations).toEqual({ notes: 'kept', interview: 'kept', archive: 'broken', fund: 'open' });

  const statuses = async (files: string[]) => {
    const ended = await inProcess('obligations', agreement, ...files, '--at', later.at, '--json');
    const { obligations, unused } = JSON.parse(ended.stdout);
    expect(unused).toEqual([]);
    return Object.fromEntries(obligations.map((one: { id: string; status: string }) => [one.id, one.status]));
  };
  expect(await statuses(statements)).toEqual(later.obligations);
  const verified = await inProcess('verify', agreement, '--unpinned', '--json');
  const { parties } = JSON.parse(verified.stdout);
  expect(parties.a.delegation.principal).toMatchObject({ threshold: 2 });

  // The claim is that of two trustees, not of the delegate that has signed the agreement.
  const [claim] = statements;
  const headers = openJws(readFileSync(claim)).jws.signatures.map(({ protected: header }) =>
    JSON.parse(Buffer.from(header, 'base64url').toString()),
  );
  const trustees = parties.a.delegation.principal.members.map(({ x }: { x: string }) => x);
  expect(headers.map(({ jwk }) => trustees.includes(jwk.x))).toEqual([true, true]);
  expect(trustees).not.toContain(parties.a.key.x);

  // It is these documents that say so: without the proof of publication, or without one of the judges, they say something else.
  const without = (name: string) => statements.filter((file: string) => !file.endsWith(name));
  expect(await statuses(without('interview.claim.json.tlog-proof'))).toMatchObject({ interview: 'broken' });
  const oneJudge = without('verdict-2.json').filter((file: string) => !file.includes('notes.claim'));
  expect(await statuses(oneJudge)).toMatchObject({ notes: 'broken' });

  // No statement names what either side would have settled for.
  for (const file of statements.filter((one: string) => one.endsWith('.json'))) {
    expect(JSON.stringify(openJws(readFileSync(file)).payload)).not.toMatch(/utilit|rating|reservation/);
    expect(dirname(file)).toMatch(/statements$/);
  }
});
