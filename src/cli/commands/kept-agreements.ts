import { equalBytes } from '../../crypto/bytes.ts';
import { agreementName, serializeAgreement } from '../../documents/agreement.ts';
import type { KeptAgreement, Ledger } from '../../ledger/index.ts';
import { writeNew } from '../../node/home/files.ts';
import { usageError } from '../terminal/failure.ts';
import { print } from '../terminal/output.ts';
import { say } from '../terminal/terminal.ts';

/** The agreements with a peer, as `parley ledger` lists them. */
export function agreementsWith(peer: Uint8Array, kept: readonly KeptAgreement[]) {
  return kept
    .filter((one) => equalBytes(one.peer, peer))
    .map(({ time, matter, agreement }) => ({ name: agreementName(agreement), time, matter }));
}

/** `parley ledger --agreement NAME [--out FILE]`: an agreement in its canonical bytes. Throws InputError `ERR_USAGE` if there is none of that name. */
export async function giveAgreement(
  book: Ledger | undefined,
  {
    agreement: name,
    out,
    json,
  }: { readonly agreement: string; readonly out?: string; readonly json?: boolean },
): Promise<void> {
  const found = (await book?.agreements())?.find(({ agreement }) => agreementName(agreement) === name);
  if (found === undefined) {
    throw usageError('the ledger has no agreement of that name', 'parley ledger lists those that it has');
  }
  const bytes = serializeAgreement(found.agreement);
  if (out !== undefined) {
    await writeNew(out, bytes, 0o644);
    say(`the agreement is in ${out}`);
  }
  if (out === undefined || json === true) print(new TextDecoder().decode(bytes));
}
