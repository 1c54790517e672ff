import { statementDigest } from '../../src/documents/define.ts';
import type { Identity } from '../../src/documents/identity.ts';
import { encodeBase64url } from '../../src/documents/json.ts';
import { type GeneralJws, serializeJws } from '../../src/documents/jws.ts';
import { fixedDues, lastObjection } from '../../src/documents/obligations/due.ts';
import {
  type StatementContent,
  type StatementKind,
  signStatement,
  type Verdict,
} from '../../src/documents/obligations/statements.ts';
import { outcomeDigest } from '../../src/documents/outcome-digest.ts';
import { signRatification } from '../../src/documents/ratification.ts';
import { ratificationOf } from '../../src/documents/ratified.ts';
import { signReceipt } from '../../src/documents/receipt.ts';
import { secondsOf } from '../../src/documents/time.ts';
import type { TimeEvidence } from '../../src/documents/time-evidence.ts';
import { statusOf } from '../../src/verify/obligations/status.ts';
import { cosignStatement, verifyStatement } from '../../src/verify/obligations/verify-statement.ts';
import { verifyAgreement } from '../../src/verify/verify.ts';
import { proofOf } from '../../test/documents/tlog/log.ts';
import { agreementOf } from './agreements.ts';
import { dealUnder } from './deals.ts';
import { obligations, priced, publish, publishers } from './drafts.ts';
import { people } from './people.ts';
import { hex, type Maker, type Members, textOf } from './shape.ts';
import { completed } from './terms.ts';

/** A signed document, and what shows since when it is there. */
interface Dated {
  readonly document: GeneralJws;
  readonly evidence: readonly TimeEvidence[];
}

export const obligationsMade: Maker = {
  about:
    'An agreement with obligations that has to be ratified, all that is said about it, and how it stands.',
  async make() {
    const deal = dealUnder(terms(), [{ reservation: '400' }, { reservation: '500' }], 84);
    const agreement = await agreementOf(deal);
    const about = outcomeDigest({ ...deal, session: encodeBase64url(deal.session) });
    const answers = await ratifications(deal);
    const statements = await said(about, agreement);
    const record = {
      statements: answers.map(({ document }) => document),
      evidence: answers.flatMap(({ evidence }) => evidence),
      now: Date.UTC(2040, 0),
    };
    const verified = await verifyAgreement(agreement, { parties: 'unpinned', ratified: record });
    const timed = statements.flatMap(
      ({ document, evidence }) => verifyStatement(document, verified, evidence).timed,
    );
    const at = (seconds: number) => statusOf(verified, timed, 1_000 * seconds);
    const [one, other] = await contradiction(about);
    return {
      agreement: textOf(agreement),
      outcome: hex(about),
      ratification: {
        answers: answers.map(shown),
        state: verified.ratification!.state,
        since: verified.ratification!.sides.buyer!.since,
        withoutProofs: ratificationOf(verified, { ...record, evidence: [] })!.state,
      },
      statements: statements.map(shown),
      contradiction: [one, other].map(textOf),
      statuses: statuses(deal.terms, at),
    };
  },
};

function terms() {
  const ratify = {
    buyer: {
      members: people.board().map(({ publicKey }) => publicKey),
      threshold: 2,
      by: '2030-01-10T00:00:00Z',
    },
  };
  return completed(
    priced({
      rule: { name: 'split' },
      security: 'semi-honest',
      ...{ obligations: obligations(), publish: publish(), ratify },
    }),
  );
}

/** A document with its digest and its evidence, as the file has it. */
function shown({ document, evidence }: Dated): Members {
  return {
    document: textOf(document),
    digest: hex(statementDigest(document)),
    evidence: evidence.map((one) => (one.kind === 'receipt' ? textOf(one.receipt) : one.proof)),
  };
}

/** Two members of the board say yes in time, and the third says no, later. */
async function ratifications(deal: ReturnType<typeof dealUnder>): Promise<Dated[]> {
  const about = { ...deal, session: encodeBase64url(deal.session) };
  const answers = await Promise.all(
    people.board().map((member, i) => signRatification(about, i < 2 ? 'yes' : 'no', member)),
  );
  return answers.map((document, i) => ({
    document,
    evidence: [published(answers, i, `2030-01-0${i + 3}T12:00:00Z`)],
  }));
}

/**
 * The buyer claims that it has paid, in time; the seller objects; two judges decide. The seller claims that it has delivered, and the buyer, who judges that itself, accepts it.
 */
async function said(about: Uint8Array, agreement: GeneralJws): Promise<Dated[]> {
  const { seller, buyer } = people;
  const [first, second] = people.judges();
  const verified = await verifyAgreement(agreement, { parties: 'unpinned' });
  const say = (
    [kind, obligation, made]: readonly [StatementKind, string, string],
    by: Identity,
    more: Pick<StatementContent, 'verdict' | 'judge' | 'evidence'> = {},
  ) => signStatement(kind, { agreement: about, obligation, made: Date.parse(made), ...more }, by);
  const paid = await say(['claim', 'pay', '2030-01-14T09:00:00Z'], buyer(), {
    evidence: [{ sha256: encodeBase64url(about), note: 'bank statement' }],
  });
  const objection = await say(['objection', 'pay', '2030-01-20T09:00:00Z'], seller());
  const single = await say(['verdict', 'pay', '2030-02-01T09:00:00Z'], second, { verdict: 'broken' });
  const verdict = await cosignStatement(single, verified, first);
  const delivered = await say(['claim', 'deliver', '2030-01-17T09:00:00Z'], seller());
  const accepted = await say(['verdict', 'deliver', '2030-01-19T09:00:00Z'], buyer(), {
    ...{ verdict: 'kept', judge: 'to' },
  });
  const receipt = await signReceipt(paid, seller(), Date.parse('2030-01-14T10:00:00Z'));
  const entries = [objection, verdict, delivered, accepted];
  const times = ['2030-01-20', '2030-02-01', '2030-01-17', '2030-01-19'];
  return [
    { document: paid, evidence: [{ kind: 'receipt', receipt }] },
    ...entries.map((document, i) => ({
      document,
      evidence: [published(entries, i, `${times[i]}T10:00:00Z`)],
    })),
  ];
}

/** One judge says both. */
async function contradiction(about: Uint8Array): Promise<GeneralJws[]> {
  const [judge] = people.judges();
  const say = (verdict: Verdict) =>
    signStatement(
      'verdict',
      { agreement: about, obligation: 'refund', verdict, made: Date.parse('2030-03-01T09:00:00Z') },
      judge,
    );
  return [await say('kept'), await say('broken')];
}

/** A proof that the log has one of these documents, seen by both witnesses, the second one at this time. */
function published(entries: readonly GeneralJws[], index: number, time: string): TimeEvidence {
  const [one, other] = publishers.witnesses();
  const seconds = secondsOf(time);
  const proof = proofOf(publishers.log(), entries.map(serializeJws), index, [
    [one!, seconds - 60],
    [other!, seconds],
  ]);
  return { kind: 'publication', proof };
}

/** How each obligation stands at its due, a second later, at the end of the time to object, and a second later: as far as these times are fixed. */
function statuses(
  deal: ReturnType<typeof terms>,
  at: (seconds: number) => ReturnType<typeof statusOf>,
): Members[] {
  const dues = fixedDues(deal);
  return deal.obligations!.map((obligation, i) => {
    const fixed = dues.get(obligation.id);
    const due = fixed ?? secondsOf(at(secondsOf('2035-01-01T00:00:00Z'))[i]!.due!);
    const until = lastObjection(obligation, due);
    return {
      obligation: obligation.id,
      ...{ due, objectUntil: until },
      statuses: [due, due + 1, until, until + 1].map((now) => at(now)[i]!.status),
    };
  });
}
