import { thumbprint } from '../../documents/identity.ts';
import { keyText } from '../../documents/principal.ts';
import type {
  MemberStanding,
  Ratification,
  RatificationState,
  SideRatification,
} from '../../documents/ratified.ts';
import { calledIn } from '../../documents/roles.ts';
import type { OutcomeJson } from '../../documents/rule.ts';
import type { Terms } from '../../documents/terms.ts';
import { secondsOf, timeOf } from '../../documents/time.ts';
import { commandName } from '../terminal/command-name.ts';
import { say, style } from '../terminal/terminal.ts';
import type { Known } from './known.ts';
import { timeText } from './obligation-words.ts';

const STATES: Readonly<Record<RatificationState, string>> = {
  'in force': 'in force',
  refused: 'not in force: refused',
  pending: 'not in force',
  unproved: 'not in force: unproved',
  lapsed: 'not in force: lapsed',
};

/** A state for people, in colour. */
export function stateText(state: RatificationState): string {
  const colour =
    state === 'in force' ? 'green' : state === 'pending' || state === 'unproved' ? 'yellow' : 'red';
  return style(['bold', colour], STATES[state].toUpperCase());
}

/** How it stands with a ratification: each side, and each member that has said something. */
export function ratificationLines(
  { asOf, state, sides }: Ratification,
  terms: Pick<Terms, 'parties' | 'roles'>,
  people: Known,
): string[] {
  return [
    `${stateText(state)}, as of ${timeText(timeOf(asOf))}`,
    ...Object.entries(sides).flatMap(([role, side]) => [
      `  ${sideText(side, calledIn(terms, role), asOf)}`,
      ...side.members
        .filter(({ answers }) => answers.length > 0)
        .map((member) => `    ${memberText(member, people)}`),
    ]),
  ];
}

/** The same for `--json`. */
export function ratificationJson({ asOf, state, sides }: Ratification): object {
  const timeIn = (time: number | undefined) => (time === undefined ? null : timeOf(time));
  const shown = Object.entries(sides).map(([role, { since, members, ...side }]) => [
    role,
    {
      ...side,
      ...(since !== undefined && { since: timeOf(since) }),
      members: members.map(({ member, answers, yes, no }) => ({
        fingerprint: thumbprint(member),
        ...{ answers, yes: timeIn(yes), no: timeIn(no) },
      })),
    },
  ]);
  return { asOf: timeOf(asOf), state, sides: Object.fromEntries(shown) };
}

function sideText(
  { state, since, threshold, by, members }: SideRatification,
  role: string,
  asOf: number,
): string {
  const last = Math.min(secondsOf(by), asOf);
  const proved = members.filter(
    ({ answers, yes }) => yes !== undefined && yes <= last && !answers.includes('no'),
  ).length;
  const refusing = members.filter(({ no }) => no !== undefined && no <= asOf).length;
  const needed = `${threshold} of ${members.length} on the ${role}’s side`;
  switch (state) {
    case 'in force':
      return `${needed} had said yes by ${timeText(timeOf(since!))}`;
    case 'refused':
      return refusing > members.length - threshold
        ? `so many have published a no that there will not be ${needed}, unless enough had published a yes first, and in time`
        : `so many have signed a no that the others are fewer than ${needed}; a yes published by ${timeText(by)} still counts unless the noes are published first`;
    case 'pending':
      return `${needed} have to say yes by ${timeText(by)}; so far it is proved of ${proved}`;
    case 'unproved':
      return `${needed} have said yes, and nothing given shows that so many had by ${timeText(by)}`;
    case 'lapsed':
      return `${needed} had to say yes by ${timeText(by)}; it is proved of ${proved}`;
  }
}

function memberText({ member, answers, yes, no }: MemberStanding, people: Known): string {
  const said = answers.map((answer) => {
    const time = answer === 'yes' ? yes : no;
    const when =
      time === undefined ? 'nothing given shows when' : `proved to be public by ${timeText(timeOf(time))}`;
    return `${answer}, ${when}`;
  });
  return `${keyText(member, people.nameOf)}: ${said.join('; ')}`;
}

/** What is shown of an agreement that is not in force by itself. */
export function notInForceLines(ratification: Ratification | undefined): string[] {
  if (ratification === undefined) return [];
  const command = `${commandName()} verify FILE --ratification FILE …`;
  return [`Not in force by itself: it has to be ratified. How that stands: ${command}`];
}

/** Whether a new outcome still has to be ratified. */
export function needsRatifying(outcome: OutcomeJson, { ratify }: Pick<Terms, 'ratify'>): boolean {
  return ratify !== undefined && outcome.deal;
}

/** Says that a new outcome is not in force yet, and what brings it into force, where it has to be ratified. `place` is the file with its agreement, or its proof. */
export function sayNotInForce(outcome: OutcomeJson, terms: Terms, place: string | undefined): void {
  if (!needsRatifying(outcome, terms)) return;
  say(stateText('pending'));
  for (const [role, { threshold, members, by }] of Object.entries(terms.ratify!)) {
    say(
      `${threshold} of ${members.length} on the ${calledIn(terms, role)}’s side have to ratify it by ${timeText(by)}, or it lapses`,
    );
  }
  say(style('dim', `each does so with ${commandName()} ratify ${place ?? 'AGREEMENT'} --out FILE`));
}
