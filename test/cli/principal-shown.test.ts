import { expect, onTestFinished, test } from 'vitest';
import { delegationLines } from '../../src/cli/terminal/delegation-lines.ts';
import { TerminalPerson } from '../../src/cli/terminal/person.ts';
import { principalFingerprint, readDelegation } from '../../src/documents/delegation.ts';
import { thumbprint } from '../../src/documents/identity.ts';
import { bela, buyerCertificate, cleo, council, delegationOf, scope } from '../support/delegations.ts';

const peer = { role: 'buyer', fingerprint: 'x', name: undefined };

test('a person is shown the principal, how many of its keys decide, and that it has no name here', async () => {
  const { documents } = await delegationOf(buyerCertificate({ principal: council }), [bela, cleo]);
  const lines = delegationLines(peer, readDelegation(documents), undefined);
  expect(lines[0]).toContain(`${principalFingerprint(council)}, any 2 of 3 keys.`);
  expect(lines[1]).toContain('Anybody can make such a key');
  expect(lines[2]).toContain(', by 2 of them;');
});

test('a person is told where an agreement binds the principal only once witnesses have seen it', async () => {
  const said =
    'binds them only once witnesses of a public log that you trust show that it was signed in time';
  for (const witnessed of [true, undefined] as const) {
    const given = buyerCertificate({ scope: { ...scope, ...(witnessed && { witnessed }) } });
    const { documents } = await delegationOf(given, [bela]);
    const lines = delegationLines(peer, readDelegation(documents), 'bela').join(' ');
    expect(lines.includes(said)).toBe(witnessed === true);
  }
});

test('a principal with a name is shown by it', async () => {
  const { documents } = await delegationOf(buyerCertificate(), [bela]);
  const lines = delegationLines(peer, readDelegation(documents), 'bela');
  expect(lines[0]).toContain(`bela, ${thumbprint(bela.publicKey)}.`);
  expect(lines.join()).not.toContain('Anybody can make such a key');
});

test('without a terminal, whoever would have to be asked about a principal is told what to do', () => {
  const { isTTY } = process.stderr;
  process.stderr.isTTY = false;
  onTestFinished(() => {
    process.stderr.isTTY = isTTY;
  });
  const hint = expect.stringContaining('--mandate ROLE=CERTIFICATE');
  const message = expect.stringContaining('acts for somebody else');
  expect(() => new TerminalPerson().expect('welcomes')).toThrow(expect.objectContaining({ message, hint }));
});
