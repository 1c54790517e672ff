import { ruleOf } from '../../../protocols/registry.ts';
import type { Pins, VerifiedParty } from '../../documents/agreement.ts';
import { calledIn } from '../../documents/roles.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { outcomeText } from '../terminal/amounts.ts';
import { describeFailure, exitCodes, failureLine, usageError } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { type Known, known } from './known.ts';

export interface VerifyFlags {
  readonly party?: readonly string[];
  readonly opening?: readonly string[];
  readonly engagement?: boolean;
  readonly unpinned?: boolean;
  readonly contradiction?: string;
  readonly arbiter?: string;
  readonly json?: boolean;
}

/** Whether the verifier named the keys that signed. */
type Pinned = boolean;

/** How a document is verified and shown. */
interface View {
  readonly pins: Pins;
  readonly people: Known;
  readonly json: boolean;
}

/**
 * `parley verify AGREEMENT [--party ROLE=KEY … | --unpinned] [--opening FILE …] [--json]`, `--engagement` for an engagement that a peer left behind, or `--contradiction` for
 * two answers of an arbiter. Returns the exit code. A valid document whose keys the verifier has not named has an exit code of its own.
 */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  const { party = [], opening = [], engagement = false, unpinned = false, contradiction } = flags;
  if (contradiction !== undefined) {
    if (engagement || party.length + opening.length > 0)
      throw usageError('--contradiction is for two answers of an arbiter', 'leave the other flags out');
    const { reportContradiction } = await import('./verify-arbiter.ts');
    return judging(flags.json === true, () => reportContradiction(path, { ...flags, contradiction }));
  }
  if (flags.arbiter !== undefined)
    throw usageError('--arbiter goes with --contradiction', 'name the keys of parties with --party');
  if (unpinned && party.length > 0)
    throw usageError('--unpinned and --party exclude each other', 'leave one out');
  if (engagement && opening.length > 0) {
    throw usageError('an opening belongs to an agreement, not to an engagement', 'leave --opening out');
  }
  const bytes = await readBytes(path, `the ${engagement ? 'engagement' : 'agreement'} file`);
  const people = await known();
  const pins = await readPins(party, people);
  const openings: unknown[] = [];
  for (const file of opening) openings.push(await readJson(file, 'the opening'));
  const json = flags.json === true;
  return judging(json, async () => {
    await requireKind(bytes, engagement);
    const view = { pins, people, json };
    const pinned = engagement
      ? await reportEngagement(bytes, view)
      : await reportAgreement(bytes, openings, view);
    if (pinned || unpinned) return exitCodes.done;
    say(
      `${style(['bold', 'red'], 'NOBODY HAS SAID WHOSE KEYS THESE ARE')}: anyone can sign with keys made for it.`,
    );
    say('Name those that you know: --party ROLE=KEY. If you know none, --unpinned.');
    return exitCodes.unpinned;
  });
}

/** Runs a verification. Reports a document that does not verify. Returns the exit code. */
async function judging(json: boolean, verification: () => Promise<number>): Promise<number> {
  try {
    return await verification();
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { code, party } = error;
    if (json) printJson({ valid: false, code, ...(party !== undefined && { party }) });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
}

/** Throws VerificationError `ERR_AGREEMENT_KIND` for an engagement without `--engagement`, or an agreement with it. */
async function requireKind(bytes: Uint8Array, engagement: boolean): Promise<void> {
  const { isEngagement } = await import('../../documents/engagement.ts');
  const { isProvedOutcome } = await import('../../verify/proved-form.ts');
  if ((!isProvedOutcome(bytes) && isEngagement(bytes)) === engagement) return;
  if (engagement) {
    throw new VerificationError('ERR_AGREEMENT_KIND', 'this is no engagement', {
      hint: 'leave --engagement out',
    });
  }
  throw new VerificationError(
    'ERR_AGREEMENT_KIND',
    'this is an engagement: one side has signed it, and it has no outcome',
    { hint: 'to check it as what it is, add --engagement' },
  );
}

async function reportEngagement(bytes: Uint8Array, { pins, people, json }: View): Promise<Pinned> {
  const { verifyEngagementUnder } = await import('../../documents/engagement.ts');
  const { rules } = await import('../../../protocols/registry.ts');
  const { terms, role, party, session } = await verifyEngagementUnder(bytes, { parties: pins, rules });
  const { pinned } = party;
  if (json) {
    const parties = named({ [role]: party }, people);
    printJson({ valid: true, kind: 'engagement', pinned, role, session, parties });
  }
  say(`${verdict('valid engagement', pinned)} on ${quoted(terms.subject)}: not an outcome`);
  say(`  the ${calledIn(terms, role)} agreed to be bound by the outcome of session ${session}`);
  sayParty(calledIn(terms, role), party, people);
  return pinned;
}

async function reportAgreement(
  bytes: Uint8Array,
  openings: readonly unknown[],
  { pins, people, json }: View,
): Promise<Pinned> {
  const { verifyAgreement } = await import('../../verify/verify.ts');
  const { terms, outcome, parties, pinned, proof } = await verifyAgreement(bytes, { parties: pins });
  const signed = proof === 'signed';
  const opened = openings.length === 0 ? undefined : await checkOpenings(bytes, openings, pins);
  if (json) {
    const members = { outcome, parties: named(parties, people), ...opened };
    printJson({ valid: true, pinned, ...(!signed && { proof }), ...members });
  }
  const somePinned = Object.values(parties).some((party) => party.pinned);
  const kind = signed ? 'valid agreement' : 'proved outcome';
  say(`${verdict(kind, somePinned)} on ${quoted(terms.subject)}: ${outcomeText(outcome, terms)}`);
  if (!signed) say(PROOFS[proof]);
  for (const [role, party] of Object.entries(parties)) sayParty(calledIn(terms, role), party, people);
  for (const [role, mandate] of Object.entries(opened?.openings ?? {})) {
    say(`  the ${calledIn(terms, role)} had entered ${ruleOf(terms).under(terms).mandateText(mandate)}`);
  }
  if (opened?.confirmed) say('  the rule makes exactly this outcome of what both had entered');
  return somePinned;
}

/** What proves an outcome that has no agreement. */
const PROOFS = {
  opened: '  both had bound themselves to the outcome, and opened it; the last signature is missing',
  resolved: '  both had bound themselves to the outcome, and the arbiter that the terms name has opened it',
} as const;

/** A verdict in colour. Green is only for documents with pinned keys. */
function verdict(text: string, pinned: Pinned): string {
  return pinned ? style(['bold', 'green'], text) : style(['bold', 'yellow'], `${text} of unknown keys`);
}

/** What openings show, as `verify` prints it. */
async function checkOpenings(bytes: Uint8Array, openings: readonly unknown[], pins: Pins) {
  const { openJws } = await import('../../documents/jws.ts');
  const { verifyOpenings } = await import('../../verify/openings.ts');
  const { isProvedOutcome, readProvedOutcome } = await import('../../verify/proved-form.ts');
  const agreement = isProvedOutcome(bytes) ? readProvedOutcome(bytes) : openJws(bytes).jws;
  const { mandates, confirmed } = await verifyOpenings(agreement, openings, { parties: pins });
  return { openings: mandates, confirmed };
}

/** Parties as `--json` prints them, with the name that the person gave to the holder of each key. */
function named(parties: Readonly<Record<string, VerifiedParty>>, people: Known): object {
  const entries = Object.entries(parties).map(([role, party]) => {
    const name = people.nameOf(party.key);
    return [role, name === undefined ? party : { name, ...party }] as const;
  });
  return Object.fromEntries(entries);
}

function sayParty(role: string, { key, fingerprint, pinned }: VerifiedParty, people: Known): void {
  const name = people.nameOf(key);
  const mark = pinned ? 'the key you named' : style('yellow', 'not pinned: check whose key this is');
  say(`  ${role.padEnd(8)} ${name === undefined ? '' : `${name}, `}${fingerprint} (${mark})`);
}

/** `ROLE=KEY` flags as pins. */
async function readPins(flags: readonly string[], people: Known): Promise<Pins> {
  if (flags.length === 0) return 'unpinned';
  const pins: Record<string, PublicJwk | string> = {};
  for (const flag of flags) {
    const cut = flag.indexOf('=');
    const role = flag.slice(0, cut);
    if (cut < 1 || Object.hasOwn(pins, role)) {
      throw usageError(
        `--party ${flag} is not ROLE=KEY, each role once`,
        'for example --party seller=seller.pub.json',
      );
    }
    pins[role] = await people.key(flag.slice(cut + 1));
  }
  return pins;
}
