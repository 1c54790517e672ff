import { readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { Narrator } from '../../src/cli/terminal/narrator.ts';
import { serializeAgreement } from '../../src/index.ts';
import { negotiateOn, termsOf } from '../findings/support.ts';
import * as pair from '../support/sessions.ts';
import { desk, inProcess } from './support.ts';

const { path, put, files } = desk();
const roles = { a: 'candidate', b: 'employer' };

describe('what the terms call the two sides', () => {
  it('is said with terms new, and by terms check and leak', async () => {
    const out = path('salary.json');
    const price = ['--rule', 'zopa', '--unit', 'USD', '--min', '0', '--max', '1000'];
    const made = await inProcess(
      'terms',
      'new',
      '--subject',
      'salary',
      ...price,
      '--roles',
      'candidate and employer',
      '--out',
      out,
    );
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ roles });
    const checked = await inProcess('terms', 'check', out);
    expect(checked.stderr).toContain('between candidate and employer');
    expect(checked.stderr).toContain('No key for candidate and employer');
    const { stdout, stderr } = await inProcess('leak', '--terms', out, '--json');
    expect(stderr).toMatch(/^ {2}the candidate .*^ {2}the employer /ms);
    expect(Object.keys(JSON.parse(stdout))).toEqual(['seller', 'buyer']);
    const twice = await inProcess('terms', 'new', '--subject', 'x', ...price, '--roles', 'buyer, seller');
    expect(twice.code).toBe(2);
    expect((await inProcess('terms', 'new', '--subject', 'x', ...price, '--roles', 'one')).stderr).toContain(
      'candidate, employer',
    );
  });

  it('is taken by verify, and shown', async () => {
    const sides = [{ mandate: { reservation: 400n } }, { mandate: { reservation: 500n } }] as const;
    const { agreement } = await negotiateOn(termsOf({ roles }), ...sides);
    const file = put('salary-agreement.json', Buffer.from(serializeAgreement(agreement!)).toString());
    const employer = put('employer.pub', pair.buyer.publicKey);
    const candidate = put('candidate.pub', pair.seller.publicKey);
    const { code, stderr } = await inProcess(
      'verify',
      file,
      '--party',
      `employer=${employer}`,
      '--party',
      `candidate=${candidate}`,
    );
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/candidate .*the key you named/);
    expect((await inProcess('verify', file, '--party', `employer=${candidate}`)).stderr).toContain(
      'the employer',
    );
    expect((await inProcess('show', file)).stdout).toContain('Seller (the candidate): key');
    const open = put('open.json', { ...termsOf({ roles }), parties: undefined });
    const wrong = await inProcess(
      'host',
      '--terms',
      open,
      '--identity',
      files.sellerKey,
      '--peer',
      files.buyerPublic,
      '--role',
      'agent',
      '--mandate',
      files.asks,
      '--ledger',
      path('l'),
    );
    expect(wrong.stderr).toContain('choose candidate or employer');
  });
});

describe('who is asked to accept terms that call the seller a purchaser', () => {
  it('is told which one it is by the rule', async () => {
    const terms = termsOf({ roles: { a: 'purchaser', b: 'vendor' } });
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    try {
      const narrator = new Narrator({ wait: '10m', quiet: false, piped: false });
      const peer = { role: 'vendor', fingerprint: 'x', name: undefined };
      await narrator.tell({ kind: 'termsReceived', terms, role: 'seller', peer });
      const said = written.mock.calls.map(([text]) => String(text)).join('');
      expect(said).toContain('You would be the purchaser (by the rule the seller).');
      expect(narrator.rowsOfOffer).toBe(written.mock.calls.length - 1); // a line is empty
    } finally {
      written.mockRestore();
    }
  });
});
