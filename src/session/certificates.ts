import { requireAllCovered, type SignedDelegations } from '../documents/bound-party.ts';
import {
  type Delegation,
  delegationBytes,
  ledgerName,
  readDelegation,
  requireCurrent,
} from '../documents/delegation.ts';
import { rawPublicKey } from '../documents/identity.ts';
import { MAX_CERTIFICATE } from '../documents/mandate-certificate.ts';
import type { PublicJwk, TermsDraft } from '../documents/terms.ts';
import { InputError, PeerCheatedError } from '../errors.ts';
import { CountedPeer, type Ledger, matterFor, type Names, namesOf } from '../ledger/index.ts';
import type { Link } from '../link/link.ts';
import { certificateDocuments, certificateLengths } from './messages.ts';
import type { Side } from './preflight.ts';

type Place = Pick<Side, 'terms' | 'role' | 'peerRole'>;

/** Terms that may name certificates, and the peer's role in them. */
interface Naming {
  readonly terms: Pick<TermsDraft, 'mandates'>;
  readonly peerRole: string;
}

/** The mandate certificates of a session: this side's own, and those that the peer has sent. Each of them travels once in a session. */
export class Certificates {
  /** Undefined for a side that acts for itself. */
  readonly own: Delegation | undefined;
  private readonly received = new Map<string, Delegation>();
  private sent = false;

  constructor(own: Delegation | undefined) {
    this.own = own;
  }

  /** Whether this side still has to send its certificate under these terms. */
  isOwed({ terms, role }: Pick<Place, 'terms' | 'role'>): boolean {
    return terms.mandates?.[role] !== undefined && !this.sent;
  }

  /** Whether the peer still has to send its certificate under these terms. */
  isAwaited({ terms, peerRole }: Naming): boolean {
    const named = terms.mandates?.[peerRole];
    return named !== undefined && !this.received.has(named);
  }

  /** Sends this side's own certificate. */
  async send(link: Link): Promise<void> {
    if (this.own === undefined) throw new Error('there is no certificate to send');
    const fields = delegationBytes(this.own);
    const lengths = { certificate: fields.certificate.length, revocations: fields.revocations.length };
    this.sent = true;
    await Promise.all([
      link.send(certificateLengths, undefined, {
        certificate: lengthBytes(lengths.certificate),
        revocations: lengthBytes(lengths.revocations),
      }),
      link.send(certificateDocuments, lengths, fields),
    ]);
  }

  /**
   * Receives a certificate of the peer before a negotiation, and checks its form and its signatures; `named` is the digest that the terms have, if they are settled. `check` comes
   * before the negotiation begins. Throws PeerCheatedError for lengths that no certificate has, and for another certificate than that; VerificationError `ERR_DELEGATION_FORMAT` or
   * `ERR_DELEGATION_SIGNATURE`.
   */
  async receive(link: Link, named?: string): Promise<Delegation> {
    const delegation = await receiveDelegation(link, named);
    this.received.set(delegation.digest, delegation);
    return delegation;
  }

  /**
   * Receives the certificate that the terms of a negotiation under way name, and keeps it only if it passes `check`: anybody can send a certificate of somebody else, and the peer's cheats
   * count against the principal of what is kept. Throws what `receive` and `check` throw.
   */
  async receiveUnder(link: Link, place: Place): Promise<void> {
    const delegation = await receiveDelegation(link, place.terms.mandates?.[place.peerRole]);
    this.received.set(delegation.digest, delegation);
    try {
      this.check(place);
    } catch (error) {
      this.received.delete(delegation.digest);
      throw error;
    }
  }

  /**
   * Before a mandate is asked for: all certificates that are there cover the terms and are in force by this side's clock, and the two sides do not act for one principal. Throws
   * InputError `ERR_USAGE` if the terms do not name this side's own; VerificationError `ERR_DELEGATION_SCOPE`, `ERR_DELEGATION_EXPIRED` or `ERR_DELEGATION_REVOKED`.
   */
  check({ terms, role, peerRole }: Place): void {
    const { own } = this;
    if (terms.mandates?.[role] !== own?.digest) throw notNamed(own, role);
    const theirs = this.ofPeer({ terms, peerRole });
    const shown = new Map([
      ...(own === undefined ? [] : [[role, own] as const]),
      ...(theirs === undefined ? [] : [[peerRole, theirs] as const]),
    ]);
    if (shown.size === 0) return;
    requireAllCovered(terms, shown);
    for (const delegation of shown.values()) requireCurrent(delegation);
  }

  /** What the peer has shown under these terms; undefined if it acts for itself, or has not shown it yet. */
  ofPeer({ terms, peerRole }: Pick<Place, 'terms' | 'peerRole'>): Delegation | undefined {
    return this.received.get(terms.mandates?.[peerRole] ?? '');
  }

  /** The same documents as texts; undefined for a peer that acts for itself. */
  textsOfPeer(
    side: Pick<Place, 'terms' | 'peerRole'>,
  ): { readonly certificate: string; readonly revocations?: string } | undefined {
    const delegation = this.ofPeer(side);
    if (delegation === undefined) return undefined;
    const { certificate, revocations } = delegationBytes(delegation);
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return {
      certificate: text(certificate),
      ...(revocations.length > 0 && { revocations: text(revocations) }),
    };
  }

  /** What the agreement holds, once both sides have shown what they have; undefined where both act for themselves. */
  signed({ terms, role }: Place): SignedDelegations | undefined {
    if (terms.mandates === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(terms.mandates).map(([name, digest]) => {
        const delegation = name === role ? this.own : this.received.get(digest);
        if (delegation === undefined) throw new Error('a certificate that the terms name is missing');
        return [name, delegation.documents];
      }),
    );
  }

  /** The matter by which the ledger counts: also by whom this side acts for. */
  matterOf(terms: Side['terms']): string {
    return matterFor(terms, this.own?.certificate.principal);
  }

  /** The peer as the ledger counts it under these terms, and the matter by which it does; undefined without a ledger. */
  counted(
    ledger: Ledger | undefined,
    side: Pick<Place, 'terms' | 'peerRole'>,
    peer: PublicJwk,
  ): { readonly peer: CountedPeer; readonly matter: string } | undefined {
    if (ledger === undefined) return undefined;
    return { peer: new CountedPeer(ledger, this.namesOf(side, peer)), matter: this.matterOf(side.terms) };
  }

  /** The names under which the ledger counts what the peer is told: its principal's, where it acts for one, and that of its own key. */
  namesOf(side: Pick<Place, 'terms' | 'peerRole'>, peer: PublicJwk): Names {
    const key = rawPublicKey(peer);
    const theirs = this.ofPeer(side);
    return theirs === undefined ? [key] : namesOf(ledgerName(theirs.certificate.principal), key);
  }
}

/** A certificate as the peer sends it. Throws what `Certificates.receive` throws. */
async function receiveDelegation(link: Link, named: string | undefined): Promise<Delegation> {
  const announced = await link.receive(certificateLengths, undefined);
  const lengths = {
    certificate: lengthIn(announced.certificate),
    revocations: lengthIn(announced.revocations),
  };
  if (lengths.certificate > MAX_CERTIFICATE || lengths.revocations > MAX_CERTIFICATE) {
    throw new PeerCheatedError('length of a mandate certificate');
  }
  const { certificate, revocations } = await link.receive(certificateDocuments, lengths);
  const listed = revocations.length > 0 && { revocations };
  const delegation = readDelegation({ certificate, ...listed });
  if (named !== undefined && delegation.digest !== named) throw new PeerCheatedError('mandate certificate');
  return delegation;
}

function notNamed(own: Delegation | undefined, role: string): InputError {
  if (own === undefined) {
    return new InputError('ERR_USAGE', 'the terms name a mandate certificate, and this side has none', {
      hint: `give the certificate under which this side acts as the ${role}, or take mandates out of the terms`,
    });
  }
  return new InputError('ERR_USAGE', 'the terms do not name the mandate certificate of this side', {
    hint: `add to the terms, on both sides: "mandates": { "${role}": "${own.digest}" }`,
  });
}

function lengthBytes(length: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, length);
  return bytes;
}

function lengthIn(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
