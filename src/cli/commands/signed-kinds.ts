import type { Pins } from '../../documents/agreement.ts';
import { openJws, typeOf } from '../../documents/jws.ts';
import { type StatementKind, statementKinds } from '../../documents/obligations/statements.ts';
import { documentTypes } from '../../documents/types.ts';
import type { Known } from './known.ts';
import type { RatificationFiles } from './ratification-files.ts';
import type { Shown } from './shown.ts';
import { card, unchecked } from './shown-arbiter.ts';
import { shownCertificate, shownRevocations } from './shown-mandate.ts';
import { shownAgreement, shownEngagement } from './shown-signed.ts';
import { shownStatement } from './shown-statement.ts';
import type { GivenProofs } from './witness-files.ts';

/** What a verification has found, beside what it has said. */
export interface Found {
  /** Whether the verifier named the keys that signed. */
  readonly pinned: boolean;
  /** Whether what both have signed binds them now. */
  readonly inForce: boolean;
}

/** What `parley verify` was given beside the document. */
export interface View {
  readonly pins: Pins;
  readonly people: Known;
  readonly openings: readonly unknown[];
  readonly certificates: readonly Uint8Array[];
  /** Answers of members, and what shows their times. */
  readonly ratified: RatificationFiles;
  /** Proofs by a log that the verifier trusts. */
  readonly witnessed: GivenProofs | undefined;
  /** The time that is asked about, in milliseconds since 1970. */
  readonly now: number;
  readonly json: boolean;
}

/** What the command does with one kind of signed document. */
export interface SignedKind {
  /** The `typ` in its header. */
  readonly type: string;
  /** What it is, with an article. */
  readonly what: string;
  /** `parley show`. Throws VerificationError. */
  show(bytes: Uint8Array, people: Known): Shown | Promise<Shown>;
  /** `parley verify`: reports what the document proves. Throws VerificationError. Absent for what means nothing by itself. */
  verify?(bytes: Uint8Array, view: View): Promise<Found>;
  /** What checks a document that `parley verify` does not take. */
  readonly checkedBy?: string;
}

const ANSWERS = 'parley complain DISPUTE --answer FILE';

/** Every kind of signed document. A new one is an entry here. */
export const signedKinds = {
  agreement: {
    type: documentTypes.agreement,
    what: 'an agreement',
    show: shownAgreement,
    verify: async (bytes, view) => (await import('./verify-agreement.ts')).reportAgreement(bytes, view),
  },
  engagement: {
    type: documentTypes.engagement,
    what: 'an engagement',
    show: shownEngagement,
    verify: async (bytes, view) => (await import('./verify-agreement.ts')).reportEngagement(bytes, view),
  },
  receipt: {
    type: documentTypes.receipt,
    what: 'a receipt',
    checkedBy: 'parley obligations AGREEMENT, with the statement and the receipt',
    show: (bytes) =>
      unchecked(
        'receipt',
        bytes,
        ['received', 'statement'],
        'parley obligations AGREEMENT, with the statement and the receipt,',
      ),
  },
  ratification: {
    type: documentTypes.ratification,
    what: 'a ratification',
    checkedBy: 'parley verify AGREEMENT --ratification FILE',
    show: (bytes) =>
      unchecked('ratification', bytes, ['answer', 'outcome'], 'parley verify AGREEMENT --ratification FILE'),
  },
  claim: statementKind('claim'),
  verdict: statementKind('verdict'),
  objection: statementKind('objection'),
  mandateCertificate: {
    type: documentTypes.mandateCertificate,
    what: 'a mandate certificate',
    checkedBy: 'parley mandate verify FILE',
    show: shownCertificate,
  },
  mandateRevocations: {
    type: documentTypes.mandateRevocations,
    what: 'a list of revocations',
    checkedBy: 'parley mandate verify CERTIFICATE --revocations FILE',
    show: shownRevocations,
  },
  card: {
    type: documentTypes.arbiterCard,
    what: "an arbiter's card",
    checkedBy: 'parley show FILE',
    show: (bytes) => card(openJws(bytes).jws),
  },
  complaint: {
    type: documentTypes.complaint,
    what: 'a complaint',
    checkedBy: 'parley arbiter answer FILE',
    show: (bytes) => unchecked('complaint', bytes, ['by'], 'parley arbiter answer FILE'),
  },
  resolution: {
    type: documentTypes.resolution,
    what: "an arbiter's resolution",
    checkedBy: ANSWERS,
    show: (bytes) => unchecked('resolution', bytes, ['by', 'resolved', 'complainBy', 'session', 'case']),
  },
  void: {
    type: documentTypes.void,
    what: "an arbiter's void",
    checkedBy: ANSWERS,
    show: (bytes) => unchecked('void', bytes, ['asOf', 'session', 'case']),
  },
} satisfies Readonly<Record<string, SignedKind>>;

/** A statement about an obligation. What it means depends on the agreement that it is about. */
function statementKind(kind: StatementKind): SignedKind {
  return {
    type: documentTypes[kind],
    what: statementKinds[kind],
    checkedBy: 'parley obligations AGREEMENT, with the statement',
    show: (bytes) => shownStatement(bytes),
  };
}

const byType = new Map<string, SignedKind>(Object.values(signedKinds).map((kind) => [kind.type, kind]));

/** The kind of a signed document. One of a type that is not known is read as an agreement, and so refused. */
export function signedKindOf(bytes: Uint8Array): SignedKind {
  return byType.get(typeOf(bytes) ?? '') ?? signedKinds.agreement;
}
