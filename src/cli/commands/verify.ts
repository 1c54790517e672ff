import type { Pins } from '../../documents/agreement.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { VerificationError } from '../../errors.ts';
import { readBytes, readJson } from '../../node/home/files.ts';
import { describeFailure, exitCodes, failureLine, usageError } from '../terminal/failure.ts';
import { parseTime } from '../terminal/flags.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { type Known, known } from './known.ts';
import { readRatificationFiles } from './ratification-files.ts';
import type { SignedKind } from './signed-kinds.ts';
import { readWitnessed } from './witness-files.ts';
import type { WitnessFlags } from './witness-options.ts';

export interface VerifyFlags extends WitnessFlags {
  readonly party?: readonly string[];
  readonly opening?: readonly string[];
  readonly certificate?: readonly string[];
  readonly engagement?: boolean;
  readonly unpinned?: boolean;
  readonly ratification?: readonly string[];
  readonly at?: string;
  readonly contradiction?: string;
  readonly arbiter?: string;
  readonly judge?: string;
  readonly json?: boolean;
}

/**
 * `parley verify AGREEMENT [--party ROLE=KEY … | --unpinned] [--opening FILE …] [--ratification FILE …] [--at TIME] [--certificate FILE …] [--witnessed PROOF … --trusted-log FILE]
 * [--json]`, `--engagement` for an engagement that a peer left behind, or `--contradiction` for two answers of an arbiter or two verdicts of a judge. Returns the exit code. A
 * valid document whose keys the verifier has not named has an exit code of its own, and so has a deal that is not in force.
 */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  const { engagement = false, unpinned = false, contradiction, at, json = false } = flags;
  refuseUnfit(flags);
  if (contradiction !== undefined) {
    return judging(json, () => contradicted(path, { ...flags, contradiction }));
  }
  const now = at === undefined ? Date.now() : parseTime(at, '--at');
  const bytes = await readBytes(path, `the ${engagement ? 'engagement' : 'agreement'} file`);
  const people = await known();
  const pins = await readPins(flags.party ?? [], people);
  const openings: unknown[] = [];
  for (const file of flags.opening ?? []) openings.push(await readJson(file, 'the opening'));
  const certificates: Uint8Array[] = [];
  for (const file of flags.certificate ?? [])
    certificates.push(await readBytes(file, 'the mandate certificate'));
  const proofs = await readWitnessed(flags);
  return judging(json, async () => {
    const report = await reporterFor(bytes, engagement);
    const ratified = await readRatificationFiles(flags.ratification ?? []);
    const view = { pins, people, openings, ratified, certificates, witnessed: proofs, now, json };
    const { pinned, inForce } = await report(bytes, view);
    if (pinned || unpinned) return inForce ? exitCodes.done : exitCodes.notInForce;
    say(
      `${style(['bold', 'red'], 'NOBODY HAS SAID WHOSE KEYS THESE ARE')}: anyone can sign with keys made for it.`,
    );
    say('Name those that you know: --party ROLE=KEY. If you know none, --unpinned.');
    return exitCodes.unpinned;
  });
}

/** Throws InputError `ERR_USAGE` for flags that do not go together. */
function refuseUnfit(flags: VerifyFlags): void {
  const { party = [], opening = [], ratification = [], certificate = [], witnessed = [] } = flags;
  const { engagement = false, unpinned = false, contradiction, at, trustedLog } = flags;
  if (contradiction !== undefined) {
    const more = [...party, ...opening, ...ratification, ...certificate, ...witnessed];
    if (!engagement && more.length === 0 && at === undefined && trustedLog === undefined) return;
    throw usageError(
      '--contradiction is for two answers of an arbiter, or two verdicts of a judge',
      'leave the other flags out',
    );
  }
  for (const flag of ['arbiter', 'judge'] as const) {
    if (flags[flag] !== undefined)
      throw usageError(`--${flag} goes with --contradiction`, 'name the keys of parties with --party');
  }
  if (unpinned && party.length > 0)
    throw usageError('--unpinned and --party exclude each other', 'leave one out');
  if (engagement && opening.length > 0) {
    throw usageError('an opening belongs to an agreement, not to an engagement', 'leave --opening out');
  }
  if (engagement && (ratification.length > 0 || at !== undefined)) {
    throw usageError('an engagement is not ratified, but an agreement', 'leave --ratification and --at out');
  }
}

/** Two documents of one signer that exclude each other, by the kind of the first. */
async function contradicted(
  path: string,
  flags: VerifyFlags & { readonly contradiction: string },
): Promise<number> {
  const { unpinned, contradiction } = flags;
  const { statementKindOf } = await import('../../documents/obligations/statements.ts');
  const one = await readBytes(path, 'the document');
  const verdict = statementKindOf(one) !== undefined;
  const [flag, other] = verdict ? (['judge', 'arbiter'] as const) : (['arbiter', 'judge'] as const);
  if (flags[other] !== undefined)
    throw usageError(`--${other} is not for these documents`, `name the signer with --${flag}`);
  if (unpinned === true && flags[flag] !== undefined)
    throw usageError(`--unpinned and --${flag} exclude each other`, 'leave one out');
  if (verdict) {
    const { reportVerdicts } = await import('./verify-verdicts.ts');
    return reportVerdicts(one, await readBytes(contradiction, 'the other document'), flags, await known());
  }
  const { reportContradiction } = await import('./verify-arbiter.ts');
  return reportContradiction(path, { ...flags, contradiction });
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

/**
 * How a document is verified, and what it proves reported. Throws VerificationError `ERR_AGREEMENT_KIND` for an engagement without `--engagement`, for anything else with
 * it, and for a document that is checked in another way.
 */
async function reporterFor(
  bytes: Uint8Array,
  engagement: boolean,
): Promise<NonNullable<SignedKind['verify']>> {
  const { isProvedOutcome } = await import('../../verify/proved-form.ts');
  const { signedKindOf, signedKinds } = await import('./signed-kinds.ts');
  const kind: SignedKind = isProvedOutcome(bytes) ? signedKinds.agreement : signedKindOf(bytes);
  const isEngagement = kind === signedKinds.engagement;
  if (engagement && !isEngagement) {
    throw new VerificationError('ERR_AGREEMENT_KIND', 'this is no engagement', {
      hint: 'leave --engagement out',
    });
  }
  if (isEngagement && !engagement) {
    throw new VerificationError(
      'ERR_AGREEMENT_KIND',
      'this is an engagement: one side has signed it, and it has no outcome',
      { hint: 'to check it as what it is, add --engagement' },
    );
  }
  if (kind.verify !== undefined) return kind.verify;
  throw new VerificationError('ERR_AGREEMENT_KIND', `this is ${kind.what}, which says nothing by itself`, {
    hint: kind.checkedBy === undefined ? undefined : `it is checked by ${kind.checkedBy}`,
  });
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
