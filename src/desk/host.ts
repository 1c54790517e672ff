import { loadSodium } from '../crypto/sodium.ts';
import type { Delegation } from '../documents/delegation.ts';
import type { Place } from '../documents/place.ts';
import { calledIn, rolesIn } from '../documents/roles.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import { certificatesOf } from '../session/converse.ts';
import type { Session } from '../session/session.ts';
import { findSide, requireSide } from '../session/side.ts';
import { admit, checkGiven, type DeskResult, negotiateAgreed } from './conduct.ts';
import { dealingsBefore } from './dealings.ts';
import { requireBindsItself, requireWelcome, tellDelegation } from './delegations.ts';
import { atDesk, type Desk, type DeskOptions } from './desk.ts';
import { type CheckedDraft, checkDraft, requireOpen, withoutStandIns } from './drafts.ts';
import { meetGuest } from './guest.ts';
import { completeOffer, MAX_OFFER, offerTerms } from './offer.ts';
import { describePeer, rememberPeer, requirePeerName } from './peers.ts';
import { requireAnswer } from './person.ts';
import { type HostWays, requireOneWay } from './ways.ts';

export interface HostOptions extends DeskOptions, HostWays {
  /** The terms to offer, without a nonce. Missing keys are added, and a deadline in an hour if there is none. */
  readonly terms: TermsDraft;
  /** This side's role, where no key in the terms says. Default: the person is asked. */
  readonly role?: string | undefined;
  /** What to call the other side. Its key must be the same every time. */
  readonly name?: string | undefined;
}

/** A host that waits: its invite and, later, its result. If one rejects, so does the other. */
export interface Hosting {
  /** The invite to send to the other side, over a channel that only it can read. It works once. */
  readonly invite: Promise<string>;
  readonly result: Promise<DeskResult>;
}

/**
 * Makes an invite, waits for its holder, offers the terms, and negotiates if they are accepted. Other connections are refused and end
 * nothing. Rejects with InputError, TermsError, PolicyError or ConnectionError before anything private is sent, and with what `Session.negotiate` throws.
 */
export function host(options: HostOptions): Hosting {
  let resolve!: (invite: string) => void;
  let reject!: (error: unknown) => void;
  const invite = new Promise<string>((...settle) => {
    [resolve, reject] = settle;
  });
  const result = hosting(options, resolve);
  result.catch(reject);
  invite.catch(() => undefined); // `result` rejects with the same error
  return { invite, result };
}

async function hosting(options: HostOptions, onInvite: (invite: string) => void): Promise<DeskResult> {
  await loadSodium(); // for the keys in the draft
  const checked = checkDraft(options.terms, options.rules);
  requireOfferable(checked);
  requirePeerName(options.name);
  requireOneWay(options);
  return atDesk(
    options,
    { seals: checked.terms.seals !== 'none', channel: options.channel },
    async (desk) => {
      await desk.show({ kind: 'termsChecked', draft: checked });
      const side = await chooseSide(checked, desk, options.role);
      checkGiven(options, checked.rule, checked.terms, side);
      const draft = withoutStandIns(checked);
      const session = await meetGuest(desk, {
        role: calledIn(checked.terms, side.peerRole),
        name: options.name,
        key: draft.parties?.[side.peerRole],
        ways: options,
        onInvite,
      });
      try {
        return await offerAndNegotiate(desk, session, { draft, checked, side, name: options.name });
      } finally {
        session.destroy();
      }
    },
  );
}

async function offerAndNegotiate(
  desk: Desk,
  session: Session,
  {
    draft,
    checked,
    side,
    name,
  }: {
    readonly draft: TermsDraft;
    readonly checked: CheckedDraft;
    readonly side: Place;
    readonly name: string | undefined;
  },
): Promise<DeskResult> {
  const {
    options: { home },
    clocks,
    tell,
  } = desk;
  const { rule } = checked;
  const peer = await describePeer(home.peers, calledIn(checked.terms, side.peerRole), session.peer);
  tell({ kind: 'connected', peer });
  const expected = {
    pinned: draft.parties?.[side.peerRole] !== undefined,
    ...{ name, certificate: draft.mandates?.[side.peerRole] },
  };
  const complete = async (delegation?: Delegation): Promise<Terms> => {
    const terms = completeOffer(draft, session, side.role, rule, Date.now(), delegation);
    certificatesOf(session).check({ ...side, terms });
    await tellDelegation(desk, session, { ...side, terms, peer });
    await admit(desk, session, { ...side, terms, open: delegation === undefined });
    await requireBindsItself(desk, session, { ...side, terms }, expected);
    await dealingsBefore(desk, { ...side, session, terms, rule, peer, settled: true });
    await requireWelcome(desk, session, { ...side, terms, peer }, expected);
    tell({ kind: 'termsOffered', terms, peer });
    return terms;
  };
  let terms = await complete();
  const delegation = await offerTerms(session, terms, clocks);
  if (delegation !== undefined) {
    terms = await complete(delegation);
    await offerTerms(session, terms, { ...clocks, again: true });
  } else await admit(desk, session, { ...side, terms }); // now it is known that the guest brings no other certificate than the terms name
  tell({ kind: 'termsAccepted', by: 'peer', peer });
  if (terms.mandates?.[side.peerRole] === undefined) await rememberPeer(home.peers, name, session.peer, tell);
  return negotiateAgreed(desk, { ...side, session, terms, rule, peer, offered: true });
}

/** Refuses drafts that could never be agreed on by invite. */
function requireOfferable(checked: CheckedDraft): void {
  if (!checked.missing.includes('nonce')) {
    throw new InputError('ERR_TERMS_INVALID', 'the draft has a nonce, and an invite makes its own', {
      hint: 'leave "nonce" out of the draft',
    });
  }
  requireOpen(checked);
  if (JSON.stringify(checked.terms).length > MAX_OFFER / 4) {
    throw new InputError('ERR_TERMS_INVALID', 'the terms are too long to be sent with an invite', {
      hint: 'send them another way, and negotiate with the key of the other side',
    });
  }
}

/** Which side this is: by the keys in the draft, by the role asked for, or as the person says. */
async function chooseSide(draft: CheckedDraft, desk: Desk, role: string | undefined): Promise<Place> {
  const { rule } = draft;
  const {
    identity,
    options: { person },
    clocks: { signal },
  } = desk;
  const facts = {
    parties: withoutStandIns(draft).parties,
    own: identity.publicKey,
    names: draft.terms.roles,
  };
  const found = findSide(rule, { ...facts, role });
  if (found !== undefined) return found;
  requireAnswer(person, 'side');
  const answer = await person!.side!({ draft, roles: rolesIn(rule, draft.terms), signal });
  return requireSide(rule, { ...facts, role: answer });
}
