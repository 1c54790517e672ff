import type { Rule } from '../../../protocols/rule.ts';
import type { CheckedDraft } from '../../desk/drafts.ts';
import {
  type Delegation,
  principalFingerprint,
  readDelegation,
  requireCurrent,
} from '../../documents/delegation.ts';
import { sameKey, thumbprint } from '../../documents/identity.ts';
import { notCovered } from '../../documents/mandate-scope.ts';
import type { MandatesTerms } from '../../documents/mandates-terms.ts';
import { calledIn, roleNamed } from '../../documents/roles.ts';
import { formatTime, type TermsDraft } from '../../documents/terms.ts';
import { InputError, ParleyError } from '../../errors.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { usageError } from '../terminal/failure.ts';
import { say } from '../terminal/terminal.ts';

export interface MemberFlags {
  readonly obligations?: string;
  readonly publish?: string;
  readonly ratify?: readonly string[];
  readonly mandate?: readonly string[];
}

/** What these flags say, before anything is known of the other parts of the terms. */
export interface GivenMembers {
  /** Values as the files have them. `parseDraft` checks their form. */
  readonly obligations: unknown;
  readonly publish: unknown;
  /** By roles as they were written. */
  readonly ratify: ReadonlyMap<string, object>;
  readonly certificates: ReadonlyMap<string, Delegation>;
}

const DAY = 86_400_000;
/** Days after the deadline in which a deal can be ratified, where a file does not say until when. */
const RATIFY_DAYS = 7;

/** Reads `--obligations`, `--publish`, `--ratify` and `--mandate`. Throws InputError, and VerificationError `ERR_DELEGATION_…`. */
export async function readMemberFlags(flags: MemberFlags): Promise<GivenMembers> {
  const { obligations, publish, ratify = [], mandate = [] } = flags;
  if (ratify.length > 0 && publish === undefined) {
    throw usageError(
      '--ratify needs a log in which its members can publish what they say',
      'add --publish FILE; docs/guides/ratifying.md shows it',
    );
  }
  return {
    obligations: obligations === undefined ? undefined : await readJson(obligations, 'the obligations'),
    publish: publish === undefined ? undefined : await readJson(publish, 'the log'),
    ratify: await byRole('--ratify', ratify, 'seller=board.json', readRatifying),
    certificates: await byRole('--mandate', mandate, 'buyer=certificate', readCertificate),
  };
}

/** The members for a draft that has its other parts. Throws InputError `ERR_USAGE` for a role that the rule does not have. */
export function membersFor(
  { obligations, publish, ratify, certificates }: GivenMembers,
  draft: TermsDraft,
  rule: Rule,
): Record<string, unknown> {
  const named = <Value>(values: ReadonlyMap<string, Value>, flag: string) =>
    Object.fromEntries(byRuleRole(rule, draft, values, flag));
  const by = formatTime(
    Date.parse(draft.expires!) + 1_000 * (draft.arbiter?.window ?? 0) + RATIFY_DAYS * DAY,
  );
  const mandates: MandatesTerms = Object.fromEntries(
    Object.entries(named(certificates, '--mandate')).map(([role, { digest }]) => [role, digest]),
  );
  return {
    ...(obligations !== undefined && { obligations }),
    ...(publish !== undefined && { publish }),
    ...(ratify.size > 0 && {
      ratify: Object.fromEntries(
        Object.entries(named(ratify, '--ratify')).map(([role, side]) => [role, { by, ...side }]),
      ),
    }),
    ...(certificates.size > 0 && { mandates }),
  };
}

/** Requires that each certificate covers the terms, for the key that they name. Throws InputError `ERR_TERMS_INVALID`. */
export function requireMandates(
  { certificates }: GivenMembers,
  { terms, rule, missing }: CheckedDraft,
): void {
  for (const [given, { certificate }] of certificates) {
    const role = roleNamed(rule, terms, given)!;
    const what = `the mandate certificate of the ${calledIn(terms, role)}`;
    if (!missing.includes(`parties.${role}`) && !sameKey(terms.parties[role]!, certificate.delegate)) {
      throw unfit(
        `${what} is for another key than that of --party`,
        `give --party ${role} the delegate's key, ${thumbprint(certificate.delegate)}, or leave it out`,
      );
    }
    const fault = notCovered(certificate.scope, { terms, role, peer: undefined });
    if (fault !== undefined) {
      throw unfit(
        `${what} does not allow ${fault}`,
        'change that, or ask the principal for another certificate; parley show tells what this one allows',
      );
    }
    if (Date.parse(terms.expires) > Date.parse(certificate.expires)) {
      throw unfit(
        `${what} ends at ${certificate.expires}, before the deadline of the terms`,
        'give an earlier deadline with --expires, or ask the principal for a later certificate',
      );
    }
  }
}

/** Tells whom the certificates bind. */
export function tellMandates({ certificates }: GivenMembers, { terms, rule }: CheckedDraft): void {
  for (const [given, { certificate }] of certificates) {
    const who = calledIn(terms, roleNamed(rule, terms, given)!);
    say(
      `by its certificate the ${who} acts for ${principalFingerprint(certificate.principal)}: make sure whose fingerprint that is`,
    );
  }
}

async function byRole<Value>(
  flag: string,
  given: readonly string[],
  example: string,
  read: (path: string) => Promise<Value>,
): Promise<Map<string, Value>> {
  const values = new Map<string, Value>();
  for (const one of given) {
    const cut = one.indexOf('=');
    const role = one.slice(0, cut);
    if (cut < 1 || values.has(role))
      throw usageError(`${flag} ${one} is not ROLE=FILE, each role once`, `write ${flag} ${example}`);
    values.set(role, await read(one.slice(cut + 1)));
  }
  return values;
}

async function readRatifying(path: string): Promise<object> {
  const value = await readJson(path, 'who has to ratify');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new InputError('ERR_TERMS_INVALID', `${path} does not say who has to ratify`, {
    hint: 'write { "members": [KEY, …], "threshold": 2 }, and until when under "by"',
  });
}

async function readCertificate(path: string): Promise<Delegation> {
  const bytes = await readBytes(path, 'the mandate certificate');
  try {
    const delegation = readDelegation({ certificate: bytes });
    requireCurrent(delegation);
    return delegation;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw new InputError('ERR_TERMS_INVALID', `${path}: ${error.message}`, {
      hint: 'give what parley mandate issue wrote, with as many signatures as its principal needs',
      cause: error,
    });
  }
}

/** Values by the rule's roles, from those by roles as they were written: in any case, and by the terms' own names. */
function byRuleRole<Value>(
  rule: Rule,
  draft: TermsDraft,
  values: ReadonlyMap<string, Value>,
  flag: string,
): Map<string, Value> {
  const roles = new Map<string, Value>();
  for (const [given, value] of values) {
    const role = roleOf(rule, draft, given, flag);
    if (roles.has(role)) {
      throw usageError(
        `${flag} names the ${role} twice, the second time as ${given}`,
        `give each side one ${flag} at most`,
      );
    }
    roles.set(role, value);
  }
  return roles;
}

function roleOf(rule: Rule, draft: TermsDraft, given: string, flag: string): string {
  const role = roleNamed(rule, draft, given);
  if (role !== undefined) return role;
  throw usageError(
    `${flag} names ${given}, which is no side of the rule ${rule.name}`,
    `write ${rule.roles.join(' or ')}`,
  );
}

function unfit(message: string, hint: string): InputError {
  return new InputError('ERR_TERMS_INVALID', message, { hint });
}
