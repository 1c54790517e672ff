import type { Delegation } from '../documents/delegation.ts';
import { sameKey } from '../documents/identity.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { IdentityError, InputError, TermsError } from '../errors.ts';
import { certificatesOf } from '../session/converse.ts';
import type { Session } from '../session/session.ts';
import { whileAlive } from './asking.ts';
import { isDelegate } from './delegate.ts';
import type { Desk } from './desk.ts';
import type { KnownPeers } from './home.ts';
import { type Peer, requireAnswer } from './person.ts';

/** Tells the person for whom the peer acts under these terms, if it acts for somebody else. */
export async function tellDelegation(
  { options: { home }, show }: Desk,
  session: Session,
  { terms, peer, peerRole }: { readonly terms: Terms; readonly peer: Peer; readonly peerRole: string },
): Promise<void> {
  const delegation = certificatesOf(session).ofPeer({ terms, peerRole });
  if (delegation === undefined) return;
  const name = await nameOfPrincipal(home.peers, delegation);
  await show({ kind: 'delegationShown', peer, delegation, name });
}

/** What this side calls a principal of one key. */
async function nameOfPrincipal(
  peers: KnownPeers,
  { certificate: { principal } }: Delegation,
): Promise<string | undefined> {
  if ('members' in principal) return undefined;
  return (await peers.all()).find(({ key }) => sameKey(key, principal))?.name;
}

/** Whom this side expects at the other end. */
export interface Expected {
  /** Whether the terms that this side began with name the peer's key. */
  readonly pinned: boolean;
  /** What this side calls the peer. */
  readonly name: string | undefined;
  /** The peer's mandate certificate, by its digest, where those terms name it. */
  readonly certificate: string | undefined;
}

/**
 * Whoever was named by its key, or is known by a name, binds itself: it may not bring a mandate certificate of somebody else, unless this side's own terms name that one.
 * Throws IdentityError `ERR_PEER_IDENTITY`.
 */
export async function requireBindsItself(
  { options: { home } }: Desk,
  session: Session,
  place: { readonly terms: Terms; readonly peerRole: string },
  { pinned, name, certificate }: Expected,
): Promise<void> {
  const delegation = certificatesOf(session).ofPeer(place);
  if (delegation === undefined || delegation.digest === certificate) return;
  const known = name === undefined ? undefined : await home.peers.find(name);
  if (!pinned && known === undefined) return;
  throw new IdentityError(
    'the other side has the key that was expected, but acts for somebody else, so nothing was agreed',
    'if that is right, begin with terms that name its mandate certificate under "mandates"',
  );
}

/**
 * At a host: somebody has said that whom the guest binds is welcome, before the terms are offered with its certificate. That is this side's own terms, where they name the certificate; the policy of a delegate, which has admitted it; or the
 * person, who is asked. Throws TermsError `ERR_TERMS_DECLINED` if the person declines, InputError `ERR_USAGE` if there is nobody to ask.
 */
export async function requireWelcome(
  { options: { home, person, mandate }, clocks }: Desk,
  session: Session,
  place: { readonly terms: Terms; readonly role: string; readonly peer: Peer; readonly peerRole: string },
  { certificate }: Pick<Expected, 'certificate'>,
): Promise<void> {
  const delegation = certificatesOf(session).ofPeer(place);
  if (delegation === undefined || delegation.digest === certificate || isDelegate(mandate)) return;
  requireAnswer(person, 'welcomes');
  const { terms, role } = place;
  const name = await nameOfPrincipal(home.peers, delegation);
  const about = { terms, role, delegation, name, peer: { ...place.peer, key: session.peer } };
  if (await whileAlive(session, clocks, (signal) => person!.welcomes!({ ...about, signal }))) return;
  throw new TermsError(
    'ERR_TERMS_DECLINED',
    'you declined to deal with whom the other side acts for; nothing private was sent',
    { hint: 'ask the other side who that is, and host again' },
  );
}

/**
 * A host's draft with the digests of the mandate certificates that both sides of this session have shown so far. Throws InputError `ERR_TERMS_INVALID` if the draft names another one for
 * this side.
 */
export function withMandates(
  draft: TermsDraft,
  session: Session,
  { role, peerRole }: { readonly role: string; readonly peerRole: string },
  theirs: Delegation | undefined,
): TermsDraft {
  const { own } = certificatesOf(session);
  const found = [
    [role, own],
    [peerRole, theirs],
  ] as const;
  const shown = Object.fromEntries(
    found.flatMap(([name, delegation]) => (delegation === undefined ? [] : [[name, delegation.digest]])),
  );
  for (const [name, digest] of Object.entries(shown)) {
    if ((draft.mandates?.[name] ?? digest) === digest) continue;
    throw new InputError('ERR_TERMS_INVALID', `the terms name another mandate certificate of the ${name}`, {
      hint: 'leave mandates out of the terms, or use the certificate that they name',
    });
  }
  const mandates = { ...draft.mandates, ...shown };
  return Object.keys(mandates).length === 0 ? draft : { ...draft, mandates };
}
