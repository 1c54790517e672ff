import { type Identity, sameKey } from '../../documents/identity.ts';
import { type GeneralJws, serializeJws, typeOf } from '../../documents/jws.ts';
import { statementKinds } from '../../documents/obligations/statements.ts';
import { asMembers, type Principal } from '../../documents/principal.ts';
import { cosignReceipt, openReceipt, signReceipt } from '../../documents/receipt.ts';
import { calledIn } from '../../documents/roles.ts';
import type { PublicJwk, Terms } from '../../documents/terms.ts';
import { documentTypes } from '../../documents/types.ts';
import { readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { receiversOf, verifyStatement } from '../../verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../verify/verify.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { printJson, say } from '../terminal/terminal.ts';
import { timeText } from './obligation-words.ts';
import { openOwn } from './own.ts';
import { refuseFuture, sayMissing } from './statement.ts';
import { readWitnessed } from './witness-files.ts';
import type { WitnessFlags } from './witness-options.ts';

export interface ReceiptFlags extends WitnessFlags {
  readonly out: string;
  readonly cosign?: string;
  readonly identity?: string;
  readonly json?: boolean;
}

/** `parley receipt AGREEMENT STATEMENT [--cosign RECEIPT] --out F`: signs that this side has a statement now, or what another member has signed so. */
export async function receive(
  path: string,
  statementPath: string,
  flags: ReceiptFlags,
  signal: AbortSignal,
): Promise<void> {
  await refuseExisting(flags.out);
  const agreement = await verifyAgreement(await readBytes(path, 'the agreement file'), {
    parties: 'unpinned',
    witnessed: await readWitnessed(flags),
  });
  const bytes = await readBytes(statementPath, 'the statement');
  if (typeOf(bytes) === documentTypes.ratification) {
    throw usageError('a receipt would not count for a ratification', 'it counts once it is published');
  }
  const statement = verifyStatement(bytes, agreement);
  const { kind, payload, document } = statement;
  const { identity } = await openOwn(flags.identity, signal);
  const receivers = receiversOf(statement, agreement);
  const receiver = receiverWith(identity.publicKey, receivers);
  if (receiver === undefined) {
    throw usageError(
      `a receipt by this identity would not count for this ${kind}`,
      whoCan(receivers, agreement.terms),
    );
  }
  const receipt =
    flags.cosign === undefined
      ? await signReceipt(document, identity)
      : await cosigned(flags.cosign, document, receiver, identity);
  const missing = Math.max(0, asMembers(receiver).threshold - receipt.signatures.length);
  const { received } = openReceipt(receipt);
  await writeNew(flags.out, serializeJws(receipt), 0o644);
  const { obligation } = payload;
  if (flags.json === true) printJson({ kind, obligation, received, receipt: flags.out, missing });
  say(`the receipt of ${statementKinds[kind]} about ${obligation} is in ${flags.out}`);
  say(`it says, against your side, that you had it at ${timeText(received)}`);
  if (missing > 0) return sayMissing(missing, flags.out);
  say(`${commandName()} obligations ${path} ${statementPath} ${flags.out} takes it`);
}

/** The receipt in a file with this identity's signature, once it has been shown what that says. */
async function cosigned(
  path: string,
  statement: GeneralJws,
  receiver: Principal,
  identity: Identity,
): Promise<GeneralJws> {
  const bytes = await readBytes(path, 'the receipt to sign with others');
  const { received } = openReceipt(bytes);
  refuseFuture(path, received);
  say(`you sign what another member has written: your side had the statement at ${timeText(received)}`);
  return cosignReceipt(bytes, statement, receiver, identity);
}

/** The side of which a key is a member. */
function receiverWith(key: PublicJwk, receivers: ReadonlyMap<string, Principal>): Principal | undefined {
  return [...receivers.values()].find((one) => asMembers(one).members.some((member) => sameKey(member, key)));
}

function whoCan(receivers: ReadonlyMap<string, Principal>, terms: Terms): string {
  const [role] = receivers.keys();
  return role === undefined
    ? 'it counts without one'
    : `the ${calledIn(terms, role)} can sign one, against whom it counts`;
}
