import { explainTerms } from '../../../protocols/describe.ts';
import { listTerms, listTermsBriefly } from '../../../protocols/listing.ts';
import type { Mandate } from '../../../protocols/rule.ts';
import type {
  DeskEvent,
  MandateQuestion,
  PassphraseQuestion,
  Person,
  PrincipalQuestion,
  Question,
  SideQuestion,
  TermsQuestion,
} from '../../desk/person.ts';
import { sameKey } from '../../documents/identity.ts';
import type { PublicJwk } from '../../documents/terms.ts';
import { InputError } from '../../errors.ts';
import { usageError } from './failure.ts';
import { askForMandate } from './mandate.ts';
import type { Narrator } from './narrator.ts';
import { sayInPages } from './pages.ts';
import { askPassphrase } from './passphrase.ts';
import { canAsk } from './prompt.ts';
import { Questions } from './questions.ts';
import { oneOf } from './readers.ts';

/** For each question: what is wrong, and what to do, if there is no terminal. */
const MISSING: Readonly<Record<Question, readonly [string, string]>> = {
  side: ['nothing says which side you are', 'add --role'],
  accepts: ['there is no terminal to accept the terms at', 'add --terms DRAFT, or run in a terminal'],
  welcomes: [
    'the other side acts for somebody else, and there is no terminal to ask you at whether that is right',
    'run in a terminal, or name the certificate in the terms: parley terms new --mandate ROLE=CERTIFICATE',
  ],
  mandate: ['there is no terminal to ask for a mandate at', 'add --mandate FILE, or run in a terminal'],
  passphrase: ['the key is under a passphrase, and there is no terminal to ask at', 'run in a terminal'],
};

/** The person at the terminal. If an answer cannot be right, they are told why and asked again. */
export class TerminalPerson implements Person {
  private readonly narrator: Narrator | undefined;

  /** @param narrator tells the person what happens, if given */
  constructor(narrator?: Narrator) {
    this.narrator = narrator;
  }

  told(event: DeskEvent): Promise<void> | void {
    return this.narrator?.tell(event);
  }

  expect(question: Question): void {
    if (canAsk()) return;
    throw usageError(...MISSING[question]);
  }

  async side({ roles, signal }: SideQuestion): Promise<string> {
    return asking(signal, (questions) =>
      questions.ask(`Which side are you, ${roles.join(' or ')}?`, oneOf(roles)),
    );
  }

  async accepts({ terms, role, peer, signal }: TermsQuestion): Promise<boolean> {
    this.narrator?.stop();
    const nameOf = (key: PublicJwk) => {
      if (sameKey(key, peer.key)) return peer.name;
      return sameKey(key, terms.parties[role]!) ? 'you' : undefined;
    };
    return asking(signal, async (questions) => {
      await sayInPages(listTermsBriefly(terms, nameOf), questions, {
        above: this.narrator?.rowsOfOffer ?? 0,
      });
      for (;;) {
        const answer = await questions.ask('Accept? [y/N] (? explains it)', readAcceptance);
        if (answer !== 'explain') return answer;
        const explained = await explainTerms(terms, { signal });
        const full = [...explained.split('\n'), '', ...listTerms(terms, nameOf)];
        await sayInPages(full, questions);
      }
    });
  }

  async welcomes({ peer, signal }: PrincipalQuestion): Promise<boolean> {
    this.narrator?.stop();
    return asking(signal, (questions) =>
      questions.ask(`Negotiate with whom the ${peer.role} acts for? [y/N]`, (typed) => readYes(typed)),
    );
  }

  async mandate(question: MandateQuestion): Promise<Mandate> {
    this.narrator?.stop();
    return askForMandate(question);
  }

  passphrase(question: PassphraseQuestion): Promise<string> {
    return askPassphrase(question);
  }
}

function readAcceptance(typed: string): boolean | 'explain' {
  return typed === '?' ? 'explain' : readYes(typed, 'write y or n, or ? for more');
}

function readYes(typed: string, hint = 'write y or n'): boolean {
  const answer = typed.toLowerCase();
  if (answer === 'y' || answer === 'yes') return true;
  if (answer === '' || answer === 'n' || answer === 'no') return false;
  throw new InputError('ERR_USAGE', 'that is neither yes nor no', { hint });
}

async function asking<Value>(
  signal: AbortSignal,
  work: (questions: Questions) => Promise<Value>,
): Promise<Value> {
  const questions = new Questions(signal);
  try {
    return await work(questions);
  } finally {
    questions.close();
  }
}
