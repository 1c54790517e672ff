import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { agreementDocument, serializeAgreement } from '../../src/documents/agreement.ts';
import type { LocalIdentity } from '../../src/documents/identity.ts';
import type { Terms } from '../../src/documents/terms.ts';
import { buyer, seller } from '../support/sessions.ts';
import { inProcess } from './support.ts';

/** The session of every agreement that `agreed` makes. */
export const session = new Uint8Array(32).fill(5);

/** A temporary folder for what people do once there is an agreement, at the command. */
export function afterwards(name: string) {
  const folder = mkdtempSync(join(tmpdir(), `parley-${name}-`));
  const at = (file: string) => join(folder, file);
  const put = (file: string, content: string | Uint8Array) => {
    writeFileSync(at(file), content);
    return at(file);
  };
  const key = (file: string, identity: LocalIdentity) =>
    put(`${file}.key`, JSON.stringify(identity.exportPrivate()));
  return { at, put, key };
}

/** The command inside this process, and its JSON. */
export async function run(...args: string[]) {
  const ended = await inProcess(...args);
  return { ...ended, json: () => JSON.parse(ended.stdout) };
}

/** An agreement of seller and buyer on these terms, without a negotiation. */
export async function agreed(
  terms: Terms,
  outcome: { deal: boolean; price?: string } = { deal: true, price: '500' },
) {
  const document = agreementDocument({ terms, outcome, session });
  const signed = [];
  for (const one of [seller, buyer]) signed.push({ key: one.publicKey, signature: await document.sign(one) });
  return serializeAgreement(document.assemble(...signed));
}
