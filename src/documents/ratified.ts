import { VerificationError } from '../errors.ts';
import type { VerifiedAgreement } from './agreement.ts';
import { sameKey } from './identity.ts';
import { encodeBase64url } from './json.ts';
import type { GeneralJws } from './jws.ts';
import { outcomeDigest } from './outcome-digest.ts';
import { type Answer, type MemberAnswer, readRatification } from './ratification.ts';
import type { RatifyingSide } from './ratify-terms.ts';
import type { PublicJwk } from './terms.ts';
import { secondsOf } from './time.ts';
import { provedTimes, type TimeEvidence } from './time-evidence.ts';

/**
 * - `in force`: enough members had said yes in time, provably.
 * - `refused`: so many have said no that the others are too few.
 * - `pending`: neither, and there is still time.
 * - `unproved`: time is up; enough have said yes, and it is not proved that they did so in time.
 * - `lapsed`: time is up, and too few have said yes.
 */
export type RatificationState = 'in force' | 'refused' | 'pending' | 'unproved' | 'lapsed';

/** What one member has said, as far as the statements show. */
export interface MemberStanding {
  readonly member: PublicJwk;
  /** Everything that it has signed: yes, no, both, or nothing. */
  readonly answers: readonly Answer[];
  /** By when its yes was public, in seconds since 1970, if that is proved. */
  readonly yes: number | undefined;
  /** The same of its no. */
  readonly no: number | undefined;
}

export interface SideRatification {
  readonly state: RatificationState;
  /** Since when the side is bound, in seconds since 1970, if the state is `in force`. */
  readonly since: number | undefined;
  readonly threshold: number;
  readonly by: string;
  /** In the terms' order. */
  readonly members: readonly MemberStanding[];
}

/** Whether a deal is in force. */
export interface Ratification {
  /** The second that this is about, since 1970. What was public only after it does not count. */
  readonly asOf: number;
  readonly state: RatificationState;
  /** By role. */
  readonly sides: Readonly<Record<string, SideRatification>>;
  /** Statements that are no valid answers of members to this deal. They count for nothing. */
  readonly ignored: readonly GeneralJws[];
}

/** What shows that members have answered, and when. */
export interface RatificationRecord {
  readonly statements?: readonly GeneralJws[] | undefined;
  /** Proofs of publication. Receipts count for nothing here. */
  readonly evidence?: readonly TimeEvidence[] | undefined;
  /** The time that is asked about, in milliseconds since 1970. Default: now. */
  readonly now?: number | undefined;
}

/** A verified outcome, as far as its ratification depends on it. */
type Deal = Pick<VerifiedAgreement, 'terms' | 'session' | 'outcome'>;

/** What is decided for both sides together: the first of these that one side has. */
const WORST: readonly RatificationState[] = ['refused', 'lapsed', 'unproved', 'pending', 'in force'];

/**
 * Whether a verified outcome is in force. Undefined if nothing has to be ratified: the terms ask for nothing, or there is no deal. Never throws because of statements or
 * evidence: those that are not valid, or about something else, count for nothing. Needs `loadSodium`.
 */
export function ratificationOf(deal: Deal, record: RatificationRecord = {}): Ratification | undefined {
  const { ratify } = deal.terms;
  if (ratify === undefined || !deal.outcome.deal) return undefined;
  const { statements = [], evidence = [], now = Date.now() } = record;
  const outcome = encodeBase64url(outcomeDigest(deal));
  const sources = { publish: deal.terms.publish };
  const used = new Set<GeneralJws>();
  const sides = Object.entries(ratify).map(([role, side]) => {
    const answers = statements.flatMap((statement) => {
      const answer = answerOf(statement, side);
      if (answer === undefined || answer.outcome !== outcome) return [];
      used.add(statement);
      return [{ ...answer, times: provedTimes(statement, evidence, sources).map(({ time }) => time) }];
    });
    return [role, answered(side, answers)] as const;
  });
  return {
    ...ratificationAt(Object.fromEntries(sides), Math.floor(now / 1_000)),
    ignored: statements.filter((statement) => !used.has(statement)),
  };
}

/** What the members of a side have signed, and by when each answer was public, if that is proved. That is the same at any time that is asked about. */
export type AnsweredSide = Pick<SideRatification, 'threshold' | 'by' | 'members'>;

/** How it stands at a second since 1970, by what the members have signed. */
export function ratificationAt(
  answered: Readonly<Record<string, AnsweredSide>>,
  asOf: number,
): Omit<Ratification, 'ignored'> {
  const sides = Object.entries(answered).map(([role, side]) => [role, standing(side, asOf)] as const);
  const states = sides.map(([, { state }]) => state);
  return {
    asOf,
    state: WORST.find((state) => states.includes(state))!,
    sides: Object.fromEntries(sides),
  };
}

function answerOf(statement: GeneralJws, side: RatifyingSide): MemberAnswer | undefined {
  try {
    return readRatification(statement, side);
  } catch (error) {
    if (!(error instanceof VerificationError)) throw error;
    return undefined;
  }
}

/** An answer with the seconds by which it was public. */
type TimedAnswer = MemberAnswer & { readonly times: readonly number[] };

/** One side, from the answers of its members; of nobody, if there are none. */
export function answered(
  { members, threshold, by }: RatifyingSide,
  answers: readonly TimedAnswer[] = [],
): AnsweredSide {
  const own = (member: PublicJwk) => answers.filter((answer) => sameKey(answer.member, member));
  return { threshold, by, members: members.map((member) => standingOf(member, own(member))) };
}

/** One side at a second. */
function standing({ members, threshold, by }: AnsweredSide, now: number): SideRatification {
  const end = secondsOf(by);
  const since = boundSince(members, threshold, Math.min(end, now));
  const saysNo = ({ answers: said, no }: MemberStanding) =>
    said.includes('no') && !(no !== undefined && no > now);
  const noes = members.filter(saysNo).length;
  // A yes that is proved to be late cannot become one in time by a proof that is still to come.
  const perhaps = members.filter(
    (member) => member.answers.includes('yes') && !saysNo(member) && (member.yes ?? end) <= end,
  ).length;
  const state = ((): RatificationState => {
    if (since !== undefined) return 'in force';
    if (noes > members.length - threshold) return 'refused';
    if (now <= end) return 'pending';
    return perhaps >= threshold ? 'unproved' : 'lapsed';
  })();
  return { state, since, threshold, by, members };
}

/**
 * The first moment until `end` at which enough members had said yes and not published a no before, or in the same second. What is signed or shown later does not change it: otherwise
 * a side could take a deal back for ever, by a no with an earlier date.
 */
function boundSince(members: readonly MemberStanding[], threshold: number, end: number): number | undefined {
  const moments = members.flatMap(({ yes }) => yes ?? []);
  return moments
    .sort((left, right) => left - right)
    .filter((moment) => moment <= end)
    .find((moment) => members.filter((member) => stoodAt(member, moment)).length >= threshold);
}

function stoodAt({ yes, no }: MemberStanding, moment: number): boolean {
  return yes !== undefined && yes <= moment && !(no !== undefined && no <= moment);
}

/**
 * Both answers count from publication. A receipt proves neither: the other side, which would sign it, gains by an early yes when it wants the deal, and by an early no when it wants to be
 * rid of it. Nobody can prevent a publication, so nobody has a veto.
 */
function standingOf(member: PublicJwk, answers: readonly TimedAnswer[]): MemberStanding {
  const said = (answer: Answer) => answers.filter((one) => one.answer === answer);
  const earliest = (answer: Answer) =>
    said(answer)
      .flatMap(({ times }) => times)
      .sort((left, right) => left - right)[0];
  return {
    member,
    answers: (['yes', 'no'] as const).filter((answer) => said(answer).length > 0),
    yes: earliest('yes'),
    no: earliest('no'),
  };
}
