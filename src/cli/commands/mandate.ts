import { randomBytes } from 'node:crypto';
import { checkDraft, withoutStandIns } from '../../desk/drafts.ts';
import { pinFingerprint } from '../../documents/bound-party.ts';
import {
  type Delegation,
  principalFingerprint,
  readDelegation,
  requireCovered,
  requireCurrent,
} from '../../documents/delegation.ts';
import { type Identity, sameKey, thumbprint } from '../../documents/identity.ts';
import { type GeneralJws, openJws, serializeJws, typeOf } from '../../documents/jws.ts';
import {
  cosignMandateCertificate,
  type MandateCertificate,
  readMandateCertificate,
  signMandateCertificate,
} from '../../documents/mandate-certificate.ts';
import {
  cosignMandateRevocations,
  openMandateRevocations,
  signMandateRevocations,
} from '../../documents/mandate-revocations.ts';
import { asMembers, type Principal, samePrincipal } from '../../documents/principal.ts';
import { formatTime, type PublicJwk } from '../../documents/terms.ts';
import { documentTypes } from '../../documents/types.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes, readDraft, readJson, refuseExisting, writeNew } from '../../node/home/files.ts';
import { commandName } from '../terminal/command-name.ts';
import { certificateLines, revocationLines } from '../terminal/delegation-lines.ts';
import { describeFailure, exitCodes, failureLine, usageError } from '../terminal/failure.ts';
import { parseDuration } from '../terminal/flags.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { known } from './known.ts';
import { openOwn } from './own.ts';

export interface IssueFlags {
  readonly out: string;
  readonly identity?: string;
  readonly json?: boolean;
}
export type CosignFlags = IssueFlags;

export interface RevokeFlags extends IssueFlags {
  readonly of?: string;
  readonly next: string;
}

export interface VerifyMandateFlags {
  readonly principal?: string;
  readonly unpinned?: boolean;
  readonly revocations?: string;
  readonly terms?: string;
  readonly json?: boolean;
}

/** `parley mandate issue DRAFT --out CERTIFICATE`: the draft needs a delegate, a scope and an end; the rest is filled in. */
export async function issue(path: string, flags: IssueFlags, signal: AbortSignal): Promise<void> {
  await refuseExisting(flags.out);
  const draft = await readJson(path, 'the draft');
  const { identity } = await openOwn(flags.identity, signal);
  const certificate = {
    principal: identity.publicKey,
    notBefore: formatTime(Date.now()),
    serial: randomBytes(12).toString('base64url'),
    ...(draft as object),
  } as MandateCertificate;
  await write(flags, await signMandateCertificate(certificate, identity), identity);
}

/** `parley mandate cosign FILE --out FILE`: a certificate or a list, with one member's signature more. */
export async function cosign(path: string, flags: CosignFlags, signal: AbortSignal): Promise<void> {
  await refuseExisting(flags.out);
  const document = await readBytes(path, 'the document');
  const { identity } = await openOwn(flags.identity, signal);
  const add =
    typeOf(document) === documentTypes.mandateRevocations
      ? cosignMandateRevocations
      : cosignMandateCertificate;
  await write(flags, await add(document, identity), identity);
}

/** `parley mandate revoke [CERTIFICATE…] [--of FILE] --out LIST`: what the last list had revoked stays revoked. */
export async function revoke(
  paths: readonly string[],
  flags: RevokeFlags,
  signal: AbortSignal,
): Promise<void> {
  await refuseExisting(flags.out);
  const read = [];
  for (const path of paths) read.push(readMandateCertificate(await readBytes(path, 'the certificate')));
  const last = flags.of === undefined ? undefined : await readLast(flags.of);
  const of = last?.certificate === undefined ? [] : [last.certificate];
  const known = [...of, ...read.map(({ certificate }) => certificate)];
  const principal = last?.principal ?? known[0]?.principal;
  if (principal === undefined) {
    throw usageError('nothing says whose list this is', 'name a certificate to revoke, or any with --of');
  }
  const { identity } = await openOwn(flags.identity, signal);
  requireMayRevoke(identity, principal, known);
  const now = Date.now();
  const revocations = {
    principal,
    asOf: formatTime(now),
    next: formatTime(now + parseDuration(flags.next, '--next')),
    certificates: [...new Set([...(last?.certificates ?? []), ...read.map(({ digest }) => digest)])],
  };
  await write(flags, await signMandateRevocations(revocations, identity), identity);
}

/** `parley mandate verify CERTIFICATE`. Returns the exit code. */
export async function verifyMandate(path: string, flags: VerifyMandateFlags): Promise<number> {
  const { json = false, unpinned = false } = flags;
  const certificate = await readBytes(path, 'the mandate certificate');
  const list = flags.revocations && (await readBytes(flags.revocations, 'the list of revocations'));
  const terms = flags.terms === undefined ? undefined : await readDraft(flags.terms);
  const people = await known();
  const expected = flags.principal === undefined ? undefined : await people.key(flags.principal);
  try {
    const delegation = readDelegation({ certificate, ...(list && { revocations: list }) });
    const { certificate: read, digest, revocations } = delegation;
    const fingerprint = principalFingerprint(read.principal);
    if (expected !== undefined && pinFingerprint(expected) !== fingerprint) {
      throw new VerificationError('ERR_DELEGATION_SIGNATURE', 'the principal is not the one that you expect');
    }
    requireCurrent(delegation);
    if (revocations?.certificates.includes(digest)) {
      throw new VerificationError('ERR_DELEGATION_REVOKED', `it was revoked by ${revocations.asOf}`);
    }
    if (terms !== undefined) requireTerms(delegation, terms);
    const pinned = expected !== undefined;
    if (json) printJson({ valid: true, kind: 'mandate certificate', pinned, principal: fingerprint, digest });
    say(
      style(
        ['bold', pinned ? 'green' : 'yellow'],
        `valid mandate certificate${pinned ? '' : ' of an unknown principal'}`,
      ),
    );
    for (const line of certificateLines(read, digest, people.nameOf)) say(`  ${line}`);
    if (revocations !== undefined)
      for (const line of revocationLines(revocations, people.nameOf)) say(`  ${line}`);
    if (read.revokers !== undefined && revocations === undefined) {
      say(
        style(
          'yellow',
          '  every session asks for a fresh list of revocations; none was given (--revocations)',
        ),
      );
    }
    if (terms !== undefined) say('  it covers these terms');
    return pinned || unpinned ? exitCodes.done : exitCodes.unpinned;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    if (json) printJson({ valid: false, code: error.code });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
}

/** Requires that a certificate covers a draft of terms, parties included, as far as the draft says. Throws VerificationError. */
function requireTerms(delegation: Delegation, draft: Awaited<ReturnType<typeof readDraft>>): void {
  const checked = checkDraft(draft);
  const { rule, terms, missing } = checked;
  const { scope, delegate, expires } = delegation.certificate;
  const named = withoutStandIns(checked).parties ?? {};
  const open = rule.roles.filter((name) => named[name] === undefined);
  const role =
    rule.roles.find((name) => named[name] !== undefined && sameKey(named[name], delegate)) ??
    open.find((name) => scope.roles.includes(name)) ??
    open[0] ??
    rule.roles[0];
  const peerRole = rule.roles.find((name) => name !== role)!;
  const other = terms.mandates?.[peerRole] === undefined ? named[peerRole] : undefined;
  const completed = {
    ...terms,
    parties: { ...terms.parties, [role]: named[role] ?? delegate },
    ...(missing.includes('expires') && { expires }),
  };
  requireCovered(delegation, { terms: completed, role, peer: other && thumbprint(other) });
}

/** Whose list it is, and what it has revoked so far: from any certificate of a principal, or from its last list. */
async function readLast(path: string): Promise<{
  readonly principal: Principal;
  readonly certificates: readonly string[];
  readonly certificate?: MandateCertificate;
}> {
  const document = await readBytes(path, 'the certificate or list');
  if (typeOf(document) === documentTypes.mandateRevocations) return openMandateRevocations(document);
  const { certificate } = readMandateCertificate(document);
  return { principal: certificate.principal, certificates: [], certificate };
}

/** A list is of one principal, and counts only if a member of that principal signs it, or a revoker of the certificates that it is about. */
function requireMayRevoke(
  { publicKey }: Identity,
  principal: Principal,
  certificates: readonly MandateCertificate[],
): void {
  if (!certificates.every((one) => samePrincipal(one.principal, principal))) {
    throw usageError('these certificates are of several principals', 'make a list for each of them');
  }
  const isOwn = (key: PublicJwk) => sameKey(key, publicKey);
  if (asMembers(principal).members.some(isOwn)) return;
  const named = certificates.every(({ revokers = [] }) => revokers.some(isOwn));
  if (named && certificates.length > 0) return;
  throw usageError(
    'this key may not revoke for the principal, so its list would count for nothing',
    'use a key of the principal, or one that every certificate given names among its revokers',
  );
}

/** Writes a document, and says how many signatures of members it still lacks. A list that somebody else has signed, as a revoker, lacks none. */
async function write(
  { out, json = false }: IssueFlags,
  document: GeneralJws,
  identity: Identity,
): Promise<void> {
  await writeNew(out, serializeJws(document), 0o644);
  const { principal } = openJws(document).payload as { readonly principal: Principal };
  const { members, threshold } = asMembers(principal);
  const isMember = members.some((key) => sameKey(key, identity.publicKey));
  const lacking = isMember ? Math.max(0, threshold - document.signatures.length) : 0;
  if (json) printJson({ out, lacking });
  const more = `; it lacks ${lacking} more of its members: ${commandName()} mandate cosign ${out}`;
  say(`${out} is signed${lacking === 0 ? '' : more}`);
}
