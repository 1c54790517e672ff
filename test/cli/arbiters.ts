import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serializeDispute } from '../../src/arbiter/index.ts';
import { toHex } from '../../src/crypto/encoding.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { questionDigest } from '../../src/ledger/index.ts';
import { makeArbiterKey, writeArbiterKey } from '../../src/node/arbiter/key-file.ts';
import { fileLedger } from '../../src/node/store/index.ts';
import { disputeOf, type Engaged, engaged, identities, type Role } from '../arbiter/support.ts';
import { inProcess } from './support.ts';

/** Deadlines for complaints. */
export const FUTURE = '2099-01-01T00:00:00Z';
export const PAST = '2020-01-01T00:00:00Z';

/** Removed with the process: the test files that share it share this folder. */
export const root = mkdtempSync(join(tmpdir(), 'parley-arbiter-'));
process.once('exit', () => rmSync(root, { recursive: true }));

/** An arbiter's files, and what both sides of a session have left. */
export async function left(complainBy: string) {
  const folder = mkdtempSync(join(root, 'case-'));
  const path = (name: string) => join(folder, name);
  const key = await makeArbiterKey('https://arbiter.example');
  await writeArbiterKey(path('arbiter.key'), key);
  const arbiter = { card: key.card, window: 600 };
  const of: Engaged = await engaged({ complainBy, key: key.escrowKey, terms: { arbiter } });
  const sideOf = (role: Role, options: Parameters<typeof disputeOf>[2] = {}) => {
    const identity = path(`${role}.key`);
    writeFileSync(identity, JSON.stringify(identities[role].exportPrivate()));
    const dispute = path(`${role}.dispute.json`);
    writeFileSync(dispute, serializeDispute(disputeOf(of, role, options)));
    return [dispute, '--identity', identity] as const;
  };
  const answering = ['--key', path('arbiter.key'), '--store', path('cases')] as const;
  return { path, of, key, sideOf, answering };
}

/** Notes in a ledger that the outcome of a session was released, without seals. */
async function released(folder: string, of: Engaged, peer: Role): Promise<void> {
  const held = await (await fileLedger(folder)).begin(
    rawPublicKey(identities[peer].publicKey),
    of.terms.subject,
  );
  const digests = {
    question: questionDigest(of.terms),
    own: of.session,
    peer: of.session,
    session: of.session,
  };
  held.admit(digests, { rule: 'split', attempts: 1, bits: 2, maxDisclosure: undefined, shown: true });
  await held.sealed(null);
  await held.released();
  await held.end();
}

/** A dispute in the ledger of the buyer, as a session leaves it. */
export async function leftInLedger(complainBy: string, both: boolean) {
  const made = await left(complainBy);
  const [dispute, ...identity] = made.sideOf('buyer', { both });
  const folder = `${identity[1]}.ledger`;
  await released(folder, made.of, 'seller');
  const file = join(folder, `${toHex(made.of.session)}.dispute.json`);
  writeFileSync(file, readFileSync(dispute));
  const attempts = async () => {
    const listed = await inProcess('ledger', ...identity, '--json');
    return { attempts: JSON.parse(listed.stdout).peers[0].attempts, listed };
  };
  return { ...made, identity, file, folder, attempts };
}
