/** What a process that fails with an error ends with: failed, bad usage or input, a fault in Parley, interrupted. */
export type ExitCode = 1 | 2 | 70 | 130;

/** What an error says, what a program or its author can do about it, and its exit code where that is not its class's. */
type Row = readonly [meaning: string, action: string, exit?: ExitCode];

interface ClassEntry {
  readonly meaning: string;
  readonly exit: ExitCode;
  readonly codes: Readonly<Record<`ERR_${string}`, Row>>;
}

const POLICY_DECIDES = 'nothing private was sent; to allow this, change the policy';
const NOT_VALID = 'do not rely on the document';

/**
 * Every error that Parley throws on purpose: class by class, a line for each code. A code belongs to one class. A new error is a
 * new line here; `node --import tsx scripts/reference.ts` then writes it into the documents.
 */
export const errorTable = {
  InputError: {
    meaning: 'the caller gave something unusable; nothing was sent',
    exit: 2,
    codes: {
      ERR_USAGE: ['a call, an option or an argument cannot be used as it was given', 'correct the call'],
      ERR_FILE: ['a file cannot be read or written, or exists already', 'check its name and permissions'],
      ERR_JSON: [
        'a document is not valid JSON, is too long, or has a key twice',
        'correct the document; each key may be there once',
      ],
      ERR_TERMS_INVALID: [
        'terms are incomplete, contradict themselves, or name something unknown',
        'correct the terms',
      ],
      ERR_MANDATE_INVALID: [
        'a mandate does not fit the terms, or is not the one that was entered; its values are never shown',
        'give the mandate in the form that the rule takes',
      ],
      ERR_MANDATE_MISSING: [
        'a seal under this rule is opened with the mandate that was entered',
        'give that mandate, too',
      ],
      ERR_KEY_INVALID: ['a key is not a strictly encoded Ed25519 key', 'use a key that Parley made'],
      ERR_PASSPHRASE: [
        'a passphrase is too short, or does not open the key',
        'give another passphrase; without the right one the key is lost',
      ],
      ERR_BACKUP_INVALID: [
        'a backup is incomplete, was changed, or is something else',
        'take another copy of it',
      ],
      ERR_SEAL_KEY_INVALID: [
        'a seal key or its proof is damaged, or belongs to another identity or seal',
        'use the seal key that Parley made for this identity',
      ],
      ERR_DISPUTE_INVALID: [
        'a dispute file is damaged, or belongs to another session or identity',
        'take it exactly as the session left it',
      ],
      ERR_INVITE_INVALID: [
        'an invite is incomplete, or was changed on its way',
        'copy the whole invite again',
      ],
      ERR_PRIOR_INVALID: [
        'a prior is not a distribution over the range of the terms',
        'give "uniform", or bins inside the range',
      ],
      ERR_LEAKAGE_UNKNOWN: [
        'the rule does not say what its outcomes tell',
        'give the rule a model of its outcomes',
      ],
      ERR_LEAKAGE_RANGE: [
        'the range has more prices than the leakage meter can count, 2⁵³',
        'choose a larger step',
      ],
      ERR_IMPORT_INVALID: ['a file to import is inconsistent', 'check it with the tool that wrote it'],
      ERR_IMPORT_UNSUPPORTED: [
        'a file to import has something that Parley does not have',
        'take out what the message names',
      ],
      ERR_IMPORT_STEP: ['a real issue to import has no step', 'give a step for real issues, such as 0.5'],
      ERR_CIRCUIT_INVALID: [
        'a circuit is not valid Bristol Fashion, or is above a limit',
        'give a circuit with XOR, AND, INV, EQ and EQW gates only, within the limits',
      ],
      ERR_CIPHERTEXT_INVALID: ['an encryption or a seal is malformed', 'use it exactly as it was made'],
      ERR_PLAINTEXT_INVALID: ['a value is out of the bounds of what is encrypted', 'use a smaller value'],
      ERR_RANDOMNESS_INVALID: [
        'the randomness of an encryption is malformed',
        'use it exactly as it was made',
      ],
    },
  },
  TermsError: {
    meaning: 'the two sides do not share valid terms',
    exit: 1,
    codes: {
      ERR_TERMS_MISMATCH: [
        'the two sides have different terms; or, later in a session, one prepares when the other has begun to compute',
        'use the same terms on both sides; after a session’s first negotiation prepare on both sides or on neither',
      ],
      ERR_TERMS_EXPIRED: [
        'the deadline of the terms has passed, by this machine’s clock',
        'set the clock if it is fast; otherwise make new terms with a later deadline',
      ],
      ERR_CLOCK: [
        'the clocks of the two sides differ by more than two minutes, so they cannot agree on a deadline for complaints',
        'compare both clocks with the right time, set the one that is wrong, and start again; this side is not bound',
      ],
      ERR_TERMS_DECLINED: [
        'the terms that came with an invite were declined',
        'agree on other terms, and make a new invite',
      ],
      ERR_TERMS_UNCLEAR: [
        'text, a unit or a menu in the terms offered could mislead whoever reads it',
        'ask the other side to write the terms anew',
      ],
      ERR_TERMS_UNSUPPORTED: [
        'the terms that came with an invite name something that is not known here',
        'use the same version of Parley on both sides',
      ],
    },
  },
  ConnectionError: {
    meaning: 'the connection could not be made, or is not Parley’s',
    exit: 1,
    codes: {
      ERR_CONNECT: [
        'nobody answers at the address, or it cannot be listened on',
        'check the address, and that the other side is listening',
      ],
      ERR_WIRE_FORMAT: ['what answers is not Parley', 'check the address and the port'],
      ERR_WIRE_VERSION: [
        'the two sides speak different versions of the protocol',
        'use the same version of Parley on both sides',
      ],
      ERR_REPLAYED: [
        'somebody repeated what another side had sent',
        'nothing has to be done: whoever holds the invite still gets an answer',
      ],
      ERR_INVITE_REFUSED: ['the host does not accept the invite', 'ask for a new invite'],
    },
  },
  IdentityError: {
    meaning: 'the other side is not who was expected',
    exit: 1,
    codes: {
      ERR_PEER_IDENTITY: [
        'the other side does not prove its identity, or has another key than expected',
        'ask its owner for the right key, in another way than over this connection',
      ],
    },
  },
  PeerLeftError: {
    meaning: 'the other side closed or lost the connection',
    exit: 1,
    codes: {
      ERR_PEER_LEFT: [
        'the connection ended before the agreement was complete',
        'nothing more will arrive on this connection; start again',
      ],
    },
  },
  PeerAbortedError: {
    meaning: 'the other side stopped the session',
    exit: 1,
    codes: {
      ERR_PEER_ABORTED: [
        'the other side stopped the session',
        'it gives no reason over the wire; ask its owner',
      ],
    },
  },
  PeerCheatedError: {
    meaning: 'the other side broke the protocol; the secrets of the session are gone',
    exit: 1,
    codes: {
      ERR_PEER_CHEATED: [
        'the other side sent something no honest peer sends, or failed the check that the message names',
        'nothing was agreed; do not retry with the same peer unless you know why',
      ],
    },
  },
  TimeoutError: {
    meaning: 'silence, or no progress, past a deadline',
    exit: 1,
    codes: {
      ERR_TIMEOUT: [
        'something was due, and did not come in time',
        'check that the other side is running, or raise the timeout',
      ],
    },
  },
  LedgerError: {
    meaning: 'this side’s ledger of attempts forbids the negotiation, or cannot be used',
    exit: 1,
    codes: {
      ERR_PEER_BARRED: [
        'the other side was caught cheating, and has not been forgiven',
        'find out why before you forgive it in the ledger',
      ],
      ERR_ATTEMPTS_EXHAUSTED: [
        'the attempts that the terms allow under this rule on this matter have been used',
        'a further bid needs new terms with more attempts, which both sides accept',
      ],
      ERR_SEAL_CHANGED: [
        'terms or a bid changed since an outcome was released that is not yet agreed',
        'finish that negotiation first, with the same terms and the same bids',
      ],
      ERR_DISCLOSURE_LIMIT: [
        'the outcome could disclose more to this peer than the limit allows',
        'raise the limit, or choose a rule that discloses less',
      ],
      ERR_DISPUTE_OPEN: [
        'a dispute with this peer on this matter is open',
        'end it first: complain to the arbiter, or ask it once its time is over',
      ],
      ERR_SESSION_BUSY: ['another session with this peer is under way', 'wait until it ends'],
      ERR_LEDGER_CORRUPT: [
        'the ledger is damaged; until it is mended, bids to this peer are not bound',
        'restore it from a backup',
      ],
      ERR_LEDGER_UNUSABLE: [
        'the ledger cannot be read or written',
        'check where it is kept, its permissions and free space',
      ],
    },
  },
  PolicyError: {
    meaning: 'a delegate’s policy forbids the negotiation, or its mandate; nothing private was sent',
    exit: 1,
    codes: {
      ERR_POLICY_PEER: ['the policy does not allow this peer', POLICY_DECIDES],
      ERR_POLICY_ROLE: ['the policy does not allow this role', POLICY_DECIDES],
      ERR_POLICY_SUBJECT: ['the policy does not allow this subject, or this matter', POLICY_DECIDES],
      ERR_POLICY_RULE: ['the policy does not allow this rule', POLICY_DECIDES],
      ERR_POLICY_SECURITY: ['the policy asks for malicious security, or for seals', POLICY_DECIDES],
      ERR_POLICY_ARBITER: ['the policy does not allow the arbiter of the terms', POLICY_DECIDES],
      ERR_POLICY_MEMBER: [
        'the terms have a member that the policy does not name, or with another value',
        POLICY_DECIDES,
      ],
      ERR_POLICY_ATTEMPTS: ['the terms allow more attempts than the policy', POLICY_DECIDES],
      ERR_POLICY_DEADLINE: [
        'the deadline of the terms is further off than the policy allows',
        POLICY_DECIDES,
      ],
      ERR_POLICY_RANGE: [
        'the policy does not allow this range, this menu or an option of the rule, or has no bounds for them',
        POLICY_DECIDES,
      ],
      ERR_POLICY_DISCLOSURE: ['one outcome could tell more than the policy allows', POLICY_DECIDES],
      ERR_POLICY_BUDGET: [
        'what all outcomes together may tell about the mandate is used up, or nearly',
        'nothing private was sent; to go on, raise the budget of the policy',
      ],
      ERR_POLICY_SESSIONS: ['the policy allows no further negotiation for now', POLICY_DECIDES],
      ERR_POLICY_MANDATE: [
        'the mandate is outside the bounds of the policy; a session enters abstention for it',
        POLICY_DECIDES,
      ],
    },
  },
  VerificationError: {
    meaning: 'a signed document, or an opening of a seal, does not verify',
    exit: 1,
    codes: {
      ERR_AGREEMENT_FORMAT: [
        'this is not a signed Parley document in its one byte form',
        'use the document exactly as it was saved',
      ],
      ERR_AGREEMENT_KIND: [
        'the document is of another kind than the one to be checked: an engagement, and no agreement, for example',
        'ask the other side to finish the negotiation, or check the document as what it is',
      ],
      ERR_AGREEMENT_TERMS: [
        'the signed terms are not valid, or their rule is not known here',
        'verify with a version, or with rules, that have it',
      ],
      ERR_AGREEMENT_OUTCOME: ['the terms cannot have the signed outcome', NOT_VALID],
      ERR_AGREEMENT_SEALS: ['the document lacks the seals that its terms ask for', NOT_VALID],
      ERR_AGREEMENT_ESCROWS: [
        'the document lacks the escrows that its terms ask for, or what it shows of them does not prove an outcome',
        NOT_VALID,
      ],
      ERR_AGREEMENT_PARTIES: [
        'the keys are not those of the terms, or not those that were expected',
        'ask each party for its key, and do not rely on the document before',
      ],
      ERR_AGREEMENT_SIGNATURE: ['a signature does not verify', NOT_VALID],
      ERR_RECEIPT_FORMAT: [
        'this is not a signed receipt in its one byte form',
        'use the receipt exactly as it was saved',
      ],
      ERR_RECEIPT_SIGNERS: [
        'the receipt is not signed by the side to which the statement was made',
        'ask that side for a receipt',
      ],
      ERR_RECEIPT_SIGNATURE: ['the signature of a receipt does not verify', NOT_VALID],
      ERR_STATEMENT_FORMAT: [
        'this is not a signed claim, verdict or objection in its one byte form',
        'use the statement exactly as it was saved',
      ],
      ERR_STATEMENT_SCOPE: [
        'the statement is about another agreement, or about an obligation that this one does not have',
        'give it together with the agreement that it is about',
      ],
      ERR_STATEMENT_SIGNERS: [
        'the statement is not signed by whoever can make it under these terms',
        'ask that side, or a judge whom the terms name',
      ],
      ERR_STATEMENT_SIGNATURE: ['the signature of a claim, verdict or objection does not verify', NOT_VALID],
      ERR_STATEMENT_CONTRADICTION: [
        'the two documents do not contradict each other',
        'give two verdicts of one judge about one obligation, one of which says kept and one broken',
      ],
      ERR_RATIFICATION_FORMAT: [
        'this is not a signed ratification in its one byte form',
        'use the ratification exactly as it was saved',
      ],
      ERR_RATIFICATION_SIGNERS: [
        'the ratification is not signed by one of the members that the terms name',
        'ask a member for it',
      ],
      ERR_RATIFICATION_SIGNATURE: ['the signature of a ratification does not verify', NOT_VALID],
      ERR_DELEGATION_FORMAT: [
        'this is no mandate certificate, or no list of revocations, in its one byte form',
        'use the document exactly as its principal issued it',
      ],
      ERR_DELEGATION_SIGNATURE: [
        'a mandate certificate or a list of revocations does not have the signatures of its principal',
        'ask the principal whether it has issued the document; for one of several members, see how many have to sign',
      ],
      ERR_DELEGATION_SCOPE: [
        'a mandate certificate is not for this key, or does not cover these terms',
        'change the terms, or ask the principal for a certificate that covers them',
      ],
      ERR_DELEGATION_EXPIRED: [
        'a mandate certificate is not yet or no longer in force, or ends before the deadline of the terms',
        'choose an earlier deadline, or ask the principal for a later certificate',
      ],
      ERR_DELEGATION_REVOKED: [
        'a mandate certificate has been revoked, or it is not shown that it has not',
        'ask the principal; a list of revocations is good for 24 hours',
      ],
      ERR_RESOLUTION_INVALID: [
        'what the arbiter says is not about this session, or opens what nobody has encrypted',
        'keep it: its signature shows what the arbiter did; the engagements stay as they are',
      ],
      ERR_PUBLICATION_FORMAT: [
        'this is no proof that a log has a document',
        'take the proof exactly as the log gave it',
      ],
      ERR_PUBLICATION_LOG: [
        'the proof does not show that the log of the terms has this very document',
        'ask that log for a proof of the document, byte by byte as it was published',
      ],
      ERR_PUBLICATION_WITNESS: [
        'too few of the witnesses of the terms have seen the document, or a signature of one does not hold',
        'ask the log for a proof that more of them have signed',
      ],
      ERR_OPENING_AGREEMENT: [
        'the opening belongs to another agreement, party or seal',
        'ask its owner to open this agreement',
      ],
      ERR_OPENING_INVALID: [
        'the opening does not open its seal, or shows something that is no mandate',
        'do not rely on the opening',
      ],
      ERR_OPENING_OUTCOME: [
        'both openings are valid, and lead to another outcome than the signed one',
        NOT_VALID,
      ],
    },
  },
  ArbiterError: {
    meaning: 'an arbiter refuses a complaint or a question, or cannot answer now',
    exit: 1,
    codes: {
      ERR_COMPLAINT_FORMAT: [
        'this is no signed complaint or question in its one byte form, or it is too long',
        'send the document exactly as it was made',
      ],
      ERR_COMPLAINT_PARTIES: [
        'the two engagements are not of one case, or not signed by its two parties',
        'send both engagements of the session in dispute',
      ],
      ERR_COMPLAINT_NOT_MINE: ['the terms name another arbiter', 'send it to the arbiter of the terms'],
      ERR_COMPLAINT_ESCROW: [
        'the ciphertexts are not those that both parties have signed',
        'send the complaint exactly as it was made',
      ],
      ERR_COMPLAINT_LATE: [
        'the complaint came after the deadline that both parties have signed',
        'ask the arbiter for a void: nothing of this session was opened, unless the other side has done it',
      ],
      ERR_ARBITER_STORE: [
        'the arbiter’s record of a case is damaged, or cannot be kept; nothing was opened',
        'check the folder, its permissions and free space; then send the same again',
      ],
      ERR_ARBITER_BUSY: ['the arbiter has too much to do', 'send the same again soon; mind the deadline'],
    },
  },
  ParleyError: {
    meaning: 'something else ended the work',
    exit: 1,
    codes: {
      ERR_CANCELLED: ['the caller’s signal cancelled the work', 'start again when you want to go on'],
      ERR_CLOSED: ['a session, channel or engine was used after its end', 'open a new one'],
      ERR_OUT_OF_MEMORY: [
        'there is not enough memory',
        'end other sessions, or give the process more memory',
      ],
      ERR_OUTPUT: [
        'what was to be printed could not be written',
        'check where the output goes; files that were written stay as they are',
      ],
      ERR_KERNEL_MISSING: [
        'the WebAssembly kernels have not been built',
        'build them with the package’s prepare script, which an installation without scripts skips',
      ],
      ERR_PLATFORM: ['Parley does not run on this platform', 'use Node.js 20.19 or later'],
      ERR_INTERNAL: ['a fault in Parley', 'report it, with the cause of the error', 70],
      ERR_INTERRUPTED: ['a person stopped the command', 'nothing further was sent', 130],
    },
  },
} satisfies Readonly<Record<string, ClassEntry>>;

/** The name of a class of errors. */
export type ErrorClass = keyof typeof errorTable;

/** The codes that errors of a class can have. */
export type ErrorCodeOf<Class extends ErrorClass> = Class extends ErrorClass
  ? keyof (typeof errorTable)[Class]['codes']
  : never;

/** What every error has that Parley throws on purpose. Codes are stable. */
export type ErrorCode = ErrorCodeOf<ErrorClass>;

/** A line of the table. */
export interface ErrorEntry {
  readonly code: ErrorCode;
  readonly class: ErrorClass;
  readonly exit: ExitCode;
  readonly meaning: string;
  /** What a program or its author can do. */
  readonly action: string;
}

/** All lines of the table, in its order. */
export function errorEntries(): ErrorEntry[] {
  return Object.entries<ClassEntry>(errorTable).flatMap(([name, { exit, codes }]) =>
    Object.entries(codes).map(([code, [meaning, action, own = exit]]) => {
      return { code: code as ErrorCode, class: name as ErrorClass, exit: own, meaning, action };
    }),
  );
}

/** The line of a code; undefined for one that only another version of Parley has. */
export function errorEntry(code: ErrorCode): ErrorEntry | undefined {
  return errorEntries().find((entry) => entry.code === code);
}
