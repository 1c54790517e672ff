import { ruleOf } from '../../../protocols/registry.ts';
import type { Pins, VerifiedParty } from '../../documents/agreement.ts';
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
  readonly json?: boolean;
}

/** `parley verify AGREEMENT [--party ROLE=KEY …] [--opening FILE …] [--json]`. Gives the exit code. */
export async function verify(path: string, flags: VerifyFlags): Promise<number> {
  const bytes = await readBytes(path, 'the agreement file');
  const people = await known();
  const pins = await readPins(flags.party ?? [], people);
  const openings: unknown[] = [];
  for (const file of flags.opening ?? []) openings.push(await readJson(file, 'the opening'));
  try {
    await report(bytes, { pins, openings, people, json: flags.json === true });
    return exitCodes.done;
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    const { code, party } = error;
    if (flags.json === true) printJson({ valid: false, code, ...(party !== undefined && { party }) });
    say(`${style(['bold', 'red'], 'NOT VALID')}: ${failureLine(describeFailure(error))}`);
    return exitCodes.failed;
  }
}

async function report(
  bytes: Uint8Array,
  {
    pins,
    openings,
    people,
    json,
  }: {
    readonly pins: Pins;
    readonly openings: readonly unknown[];
    readonly people: Known;
    readonly json: boolean;
  },
): Promise<void> {
  const { isEngagement, verifyEngagementUnder } = await import('../../documents/engagement.ts');
  const { verifyAgreementUnder } = await import('../../documents/agreement.ts');
  const { rules } = await import('../../../protocols/registry.ts');
  const options = { parties: pins, rules };
  if (isEngagement(bytes)) {
    if (openings.length > 0) {
      throw usageError(
        'an opening belongs to an agreement, and this is an engagement',
        'leave --opening out',
      );
    }
    const { terms, role, party, session } = await verifyEngagementUnder(bytes, options);
    if (json) {
      printJson({
        valid: true,
        kind: 'engagement',
        pinned: party.pinned,
        role,
        session,
        parties: named({ [role]: party }, people),
      });
    }
    say(`${style(['bold', 'green'], 'valid engagement')} on ${quoted(terms.subject)}: not an outcome`);
    say(`  the ${role} agreed to be bound by the outcome of session ${session}`);
    sayParty(role, party, people);
    return;
  }
  const { terms, outcome, parties, pinned } = await verifyAgreementUnder(bytes, options);
  const opened = openings.length === 0 ? undefined : await checkOpenings(bytes, openings, pins);
  if (json) printJson({ valid: true, pinned, outcome, parties: named(parties, people), ...opened });
  say(
    `${style(['bold', 'green'], 'valid agreement')} on ${quoted(terms.subject)}: ${outcomeText(outcome, terms)}`,
  );
  for (const [role, party] of Object.entries(parties)) sayParty(role, party, people);
  for (const [role, mandate] of Object.entries(opened?.openings ?? {})) {
    say(`  the ${role} had entered ${ruleOf(terms).under(terms).mandateText(mandate)}`);
  }
  if (opened?.confirmed) say('  the rule makes exactly this outcome of what both had entered');
}

/** What openings show, as `verify` prints it. */
async function checkOpenings(bytes: Uint8Array, openings: readonly unknown[], pins: Pins) {
  const { openJws } = await import('../../documents/jws.ts');
  const { verifyOpenings } = await import('../../verify/openings.ts');
  const { mandates, confirmed } = await verifyOpenings(openJws(bytes).jws, openings, { parties: pins });
  return { openings: mandates, confirmed };
}

/** Parties as `--json` prints them: with the name that the person gave the holder of the key. */
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
