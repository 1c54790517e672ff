import { summarizeTerms } from '../../../protocols/describe.ts';
import { type CheckedDraft, withoutStandIns } from '../../desk/drafts.ts';
import type { DeskEvent, Peer } from '../../desk/person.ts';
import { placeIn } from '../../documents/roles.ts';
import { formatTime } from '../../documents/terms.ts';
import { quoted } from '../../documents/text.ts';
import { type ErrorClass, ParleyError } from '../../errors.ts';
import type { Dealings, Standing } from '../../ledger/index.ts';
import { type Endpoint, formatEndpoint } from '../../link/endpoint.ts';
import type { Scope } from '../../link/ip-address.ts';
import { commandName, JOIN_COMMAND } from './command-name.ts';
import { delegationLines } from './delegation-lines.ts';
import { describeFailure, failureLine } from './failure.ts';
import { print } from './output.ts';
import { shownPath } from './paths.ts';
import { UNDER_WAY } from './phases.ts';
import { restorationText } from './restoration.ts';
import { tellSealKey } from './seal-key.ts';
import { fitted, Progress, say, style } from './terminal.ts';

/** The most different reasons for refused connections that are reported. */
const REPORTED = 5;
const COMPLAINING = 'complaining to the arbiter';

export interface NarratorOptions {
  /** How long a person may take, as it was typed. */
  readonly wait: string;
  /** Whether standard output belongs to something else. */
  readonly quiet: boolean;
  /** Whether the invite has no address, because something else makes the connection. */
  readonly piped: boolean;
  /** Shows this side's own terms, in place of the full listing. */
  readonly onTerms?: (draft: CheckedDraft) => Promise<void>;
}

type Handlers = {
  readonly [Kind in DeskEvent['kind']]: (
    event: Extract<DeskEvent, { readonly kind: Kind }>,
  ) => Promise<void> | void;
};

/** Tells on stderr what happens at a desk. Prints the invite on stdout. */
export class Narrator {
  private readonly options: NarratorOptions;
  private readonly progress = new Progress();
  /** Whether the terms came by an offer, so that people have been told that they agree. */
  private offered = false;
  /** The reasons for refused connections that have been reported. Each is reported once. */
  private readonly refused = new Set<string>();
  /** Why complaints have not reached the arbiter. Each reason is reported once. */
  private readonly failures = new Set<string>();
  /** Rows that the text about offered terms has taken. */
  rowsOfOffer = 0;
  /** The outcome of a session that broke off, once it is proved. */
  proved: Extract<DeskEvent, { readonly kind: 'outcomeProved' }> | undefined;
  /** What to do about the failure that follows, if this narrator knows better than the error. */
  private advice: string | undefined;

  constructor(options: NarratorOptions) {
    this.options = options;
  }

  tell(event: DeskEvent): Promise<void> | void {
    return (this.handlers[event.kind] as (event: DeskEvent) => Promise<void> | void)(event);
  }

  /** Removes the sign that something is under way. */
  stop(): void {
    this.progress.stop();
  }

  /** A failure, with what to do about it. */
  explain(error: unknown, interrupted: boolean): unknown {
    const { advice } = this;
    if (advice === undefined || !(error instanceof ParleyError)) return error;
    if (interrupted) say(advice);
    return new ParleyError<ErrorClass>(error.code, error.message, { hint: advice, cause: error });
  }

  private sayOfOffer(line: string): void {
    this.rowsOfOffer += fitted(line).split('\n').length;
    say(line);
  }

  private readonly handlers: Handlers = {
    identityMade: ({ fingerprint, place }) => {
      say(`made an identity for you, ${shownPath(place)}: keep it to yourself`);
      say(`your fingerprint is ${fingerprint}`);
    },
    makingSealKey: () => this.progress.update('making a seal key'),
    sealKeyMade: ({ place }) => {
      this.stop();
      say(`made a seal key, ${shownPath(place)}`);
      say('keep it with your identity, or your seals can never be opened');
    },
    sealKeyLocked: tellSealKey,
    sealKeyInClear: tellSealKey,
    ledgerRestored: (restoration) => say(style('yellow', restorationText(restoration))),
    termsChecked: async ({ draft }) => {
      if (this.options.onTerms !== undefined) return this.options.onTerms(draft);
      const { parties: _, ...given } = withoutStandIns(draft);
      say(`${style('bold', quoted(given.subject))}, by the rule ${given.rule.name}`);
      for (const sentence of summarizeTerms(given)) say(sentence);
      say(style('dim', `What it means in full: ${commandName()} terms check FILE`));
      say();
    },
    invited: ({ invite, peerRole, endpoint, scope }) => {
      say(`Send this to the ${peerRole}, in a way that only they can read. It works once.`);
      say('The first line starts Parley, which asks for the second:');
      say();
      const lines = `${JOIN_COMMAND}${this.options.piped ? ' --stdio' : ''}\n${invite}`;
      if (this.options.quiet) say(lines);
      else print(`${lines}\n`);
      say();
      if (endpoint !== undefined && scope !== 'anywhere') sayScope(endpoint, scope);
    },
    listening: ({ endpoint, atRelay, awaited }) => {
      const where = `listening ${atRelay ? 'at the relay' : 'on'} ${formatEndpoint(endpoint)}`;
      if (awaited === undefined) return say(`${where}, for ${this.options.wait}; Ctrl-C ends it`);
      say(where);
      say(`waiting for ${nameOf(awaited)}`);
    },
    relayTrouble: ({ error }) => {
      const { message, hint } = describeFailure(error);
      say(style('dim', `${message}; still trying (${hint})`));
    },
    strangerRefused: ({ error }) => {
      const { code, message } = describeFailure(error);
      if (this.refused.has(message) || this.refused.size === REPORTED) return;
      this.refused.add(message);
      if (code === 'ERR_INVITE_REFUSED') {
        say('somebody came with another invite than this one; still listening');
        say('(if that is who you wait for, they have an old one: send them this one)');
      } else {
        say(style('dim', `refused a stranger (${message}); still listening`));
      }
      if (this.refused.size === REPORTED) say(style('dim', 'further ones are not reported'));
    },
    keyChanged: ({ name, known, now, place }) => {
      say(style(['bold', 'red'], `THE KEY OF ${name} HAS CHANGED. Someone may be posing as ${name}.`));
      say(`  known  ${known}`);
      say(`  now    ${now}`);
      this.advice = `ask ${name} in person; only if the new key is right, delete ${place} and start again`;
    },
    reachingHost: ({ endpoint, atRelay }) =>
      this.progress.update(
        `${atRelay ? 'looking for the host at the relay' : 'connecting to'} ${formatEndpoint(endpoint)}`,
      ),
    termsAwaited: () => this.progress.update('fetching the terms'),
    connected: ({ peer }) => {
      this.stop();
      say(`connected with ${nameOf(peer)}`);
      this.progress.update('agreeing on the terms');
    },
    termsReceived: ({ terms, role }) => {
      this.offered = true;
      this.stop();
      say();
      const [first, ...others] = summarizeTerms(terms);
      this.rowsOfOffer = 0;
      this.sayOfOffer(`${style('bold', `You would be the ${placeIn(terms, role)}.`)} ${first}`);
      for (const sentence of others) this.sayOfOffer(sentence);
    },
    delegationShown: ({ peer, delegation, name }) => {
      this.stop();
      for (const line of delegationLines(peer, delegation, name)) this.sayOfOffer(line);
    },
    dealtBefore: ({ peer, before, standing }) => {
      this.stop();
      for (const line of beforeLines(peer, before)) this.sayOfOffer(line);
      for (const line of standing === undefined ? [] : standingLines(standing)) this.sayOfOffer(line);
    },
    termsOffered: ({ peer }) => {
      this.offered = true;
      this.stop();
      say(`the ${peer.role} is reading the terms; nothing private has been sent`);
    },
    termsAccepted: ({ by, peer }) =>
      say(
        by === 'peer'
          ? `the ${peer.role} has accepted the terms`
          : 'you have accepted the terms; nothing private has been sent',
      ),
    peerRemembered: ({ name }) => say(`from now on ${name} is whoever holds that key`),
    waitingForPeer: ({ peer }) => say(`waiting for the ${peer.role}’s figure; nothing private has been sent`),
    preparing: ({ done, asking }) => {
      if (asking) return; // the terminal is the question's
      this.progress.update(UNDER_WAY['terms-agreed'], `${Math.floor(100 * done)} %`);
    },
    bothReady: () => this.progress.update(UNDER_WAY['mandate-given']),
    phase: ({ phase }) => {
      if (phase === 'terms-agreed' && !this.offered) {
        say('both sides have the same terms; nothing private has been sent');
      }
      this.progress.update(UNDER_WAY[phase]);
    },
    agreementSaved: () => undefined, // said with the outcome
    engagementSaved: ({ place }) => {
      this.advice = `its signed promise to be bound by the outcome is in ${place}: ${commandName()} verify --engagement reads it`;
    },
    disputeOpen: ({ place, complainBy, complains }) => {
      this.stop();
      say(`you had engaged, so the arbiter can still bind both of you, until ${complainBy}`);
      const later = `${commandName()} complain ${place}`;
      if (!complains) {
        this.advice = `from 11 seconds after that on, ask the arbiter: ${later}`;
        return;
      }
      say(`complaining to the arbiter; if that is cut off, go on with ${later}`);
      this.progress.update(COMPLAINING);
    },
    complaintFailed: ({ error, again, complainBy }) => {
      const { message } = describeFailure(error);
      if (!this.failures.has(message)) {
        this.stop();
        say(style('dim', `${message}; trying again until ${complainBy}`));
        this.failures.add(message);
      }
      this.progress.update(COMPLAINING, `next try at ${formatTime(again)}`);
    },
    outcomeProved: (event) => {
      this.stop();
      this.proved = event;
    },
    disputeStays: ({ place, error }) => {
      const why = error === undefined ? '' : ` (${failureLine(describeFailure(error))})`;
      this.advice = `the dispute is still open${why}: ${commandName()} complain ${place ?? 'DISPUTE'}; ${commandName()} ledger shows the deadline`;
    },
    conductUnrecorded: ({ error }) =>
      say(`the ledger does not have this (${error.message}): nothing will warn you of this peer next time`),
    engagementUnsaved: ({ error }) => {
      this.advice = `its engagement could not be saved: ${failureLine(describeFailure(error))}`;
    },
  };
}

/** What to do about an invite whose address cannot be reached from elsewhere. */
function sayScope({ host }: Endpoint, scope: Exclude<Scope, 'anywhere'>): void {
  const what = scope === 'machine' ? 'this machine itself' : 'a private address';
  say(`${host} is ${what}: nobody outside your own ${scope} can reach it.`);
  say('To meet somebody elsewhere, host with --relay, or with --address if forwarded.');
}

/** A peer for people: its name if it has one, its role, its fingerprint. */
function nameOf({ role, name, fingerprint }: Peer): string {
  return `${name === undefined ? '' : `${name}, `}the ${role}, ${fingerprint}`;
}

/** What has been released to a peer before. */
function beforeLines(peer: Peer, { attempts, disclosedBits, alike }: Dealings): string[] {
  const who = peer.name ?? `this ${peer.role}`;
  const bits = (count: number) => `${Math.round(1_000 * count) / 1_000} bits`;
  const lines: string[] = [];
  const given = attempts.filter(({ end }) => end !== 'void');
  const last = given.at(-1);
  if (last !== undefined) {
    const times = given.length === 1 ? 'once before' : `${given.length} times before, last`;
    lines.push(`On this matter an outcome went to ${who} ${times} (${last.time}).`);
  }
  if (disclosedBits > 0) lines.push(`In all, at most ${bits(disclosedBits)} have been disclosed to ${who}.`);
  for (const name of alike) {
    lines.push(`${quoted(name)} is another matter on record with ${who}, which looks like this one.`);
  }
  return lines.map((line) => style('yellow', line));
}

/** How many attempts are left, and how to get more. */
function standingLines({ used, allowed, repeatable }: Standing): string[] {
  if (used === 0) return [];
  const left = Math.max(0, allowed - used);
  const has = left === 0 ? 'none is left' : `${left} ${left === 1 ? 'is' : 'are'} left`;
  const attempts = `Of ${allowed} ${allowed === 1 ? 'attempt' : 'attempts'} under this rule ${has}`;
  const same = repeatable ? ': only the same two figures as before would be taken' : '';
  const lines = [`${attempts}${left === 0 ? same : ''}.`];
  if (left === 0) {
    const command = `${commandName()} terms new`;
    lines.push(
      `For another one, agree on new terms: ${command} --attempts ${allowed + 1}, or with another --matter.`,
    );
  }
  return lines.map((line) => style('yellow', line));
}
