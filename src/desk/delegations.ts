import type { Delegation } from '../documents/delegation.ts';
import { sameKey } from '../documents/identity.ts';
import type { Terms, TermsDraft } from '../documents/terms.ts';
import { InputError } from '../errors.ts';
import { certificatesOf } from '../session/converse.ts';
import type { Session } from '../session/session.ts';
import type { Desk } from './desk.ts';
import type { Peer } from './person.ts';

/** Tells the person for whom the peer acts under these terms, if it acts for somebody else. */
export async function tellDelegation(
  { options: { home }, show }: Desk,
  session: Session,
  { terms, peer, peerRole }: { readonly terms: Terms; readonly peer: Peer; readonly peerRole: string },
): Promise<void> {
  const delegation = certificatesOf(session).ofPeer({ terms, peerRole });
  if (delegation === undefined) return;
  const { principal } = delegation.certificate;
  const known = (await home.peers.all()).find(
    ({ key }) => !('members' in principal) && sameKey(key, principal),
  );
  await show({ kind: 'delegationShown', peer, delegation, name: known?.name });
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
