import { afterEach, describe, expect, test } from 'vitest';
import { principalFingerprint } from '../../src/documents/delegation.ts';
import { serializeJws } from '../../src/documents/jws.ts';
import { bela, buyerCertificate, certify, cleo, council, scope } from '../support/delegations.ts';
import { closeAll, hasTerminals, inviteOf, person, type } from './pseudo-terminal.ts';
import { desk, freePort, inProcess } from './support.ts';

afterEach(closeAll);

describe.skipIf(!hasTerminals)('a host whose mandate is in a file', () => {
  test('is asked at its terminal whether whom the guest acts for is welcome', async () => {
    const { put, draft, files, buyer } = desk();
    const certificate = buyerCertificate({
      principal: council,
      delegate: buyer.publicKey,
      scope: { ...scope, decimals: 2, max: '1000000' },
    });
    const issued = put(
      'certificate',
      new TextDecoder().decode(serializeJws(await certify(certificate, bela, cleo))),
    );
    const terms = put('offered.json', { ...draft, security: 'semi-honest' });
    const at = `127.0.0.1:${await freePort()}`;
    const host = type(
      person(),
      `parley host --invite --terms ${terms} --identity ${files.sellerKey} --role seller --mandate ${files.asks} --listen ${at}`,
    );
    const invite = await inviteOf(host);
    const joining = inProcess(
      ...[
        'join',
        invite,
        '--identity',
        files.buyerKey,
        '--mandate',
        files.bids,
        '--terms',
        terms,
        '--as',
        issued,
      ],
    );
    await host.answers('Negotiate with whom the buyer acts for? [y/N]', 'n\r');
    expect(await host.ended).not.toBe(0);
    expect((await joining).code).toBe(1);
    expect(host.screen()).toContain(principalFingerprint(council));
    expect(host.screen()).toContain('you declined to deal with');
  }, 60_000);
});
