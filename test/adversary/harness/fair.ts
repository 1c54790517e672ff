import type { Entry } from '../../../protocols/rule.ts';
import { bitsToBigint } from '../../../src/circuit/bits.ts';
import { seededRandom } from '../../../src/crypto/random.ts';
import type { Terms } from '../../../src/documents/terms.ts';
import { memoryDisputes } from '../../../src/ledger/index.ts';
import type { Link } from '../../../src/link/link.ts';
import type { MemoryLink } from '../../../src/link/memory-link.ts';
import type { SecureLink } from '../../../src/link/secure-link.ts';
import { DisputeFile } from '../../../src/session/dispute-file.ts';
import { FairEngine } from '../../../src/session/fair-engine.ts';
import { FirstToEngage, SecondToEngage } from '../../../src/session/fair-exchange.ts';
import { FairSetup } from '../../../src/session/fair-setup.ts';
import { preflight } from '../../../src/session/preflight.ts';
import { noRelease } from '../../support/rules.ts';
import { buyer, seller } from '../../support/sessions.ts';
import { seedOf } from './engines.ts';
import type { Program } from './programs.ts';

const identities = { a: seller, b: buyer };

/** What one party of a run has beside its engine. */
interface State {
  readonly fair: FairSetup;
  readonly side: ReturnType<typeof preflight>;
  readonly session: Uint8Array;
  /** What is under the fair reveal's own link. */
  readonly under: Link;
}

/**
 * A price rule under the malicious engine, with an arbiter and without seals, as a session runs it: from deposits to the exchange of masks. Inputs are entries as numbers;
 * the outcome is the JSON that the rule gave, as bytes. Party a garbles, and so engages second.
 */
export function fairRule(terms: Terms): Program {
  const states = new WeakMap<Link, State>();
  const facts = (party: 'a' | 'b') => ({
    own: identities[party].publicKey,
    peer: identities[party === 'a' ? 'b' : 'a'].publicKey,
    nonce: terms.nonce,
  });
  const { rule, bound } = preflight(terms, facts('a'), undefined, undefined);
  const { width } = bound.seal!;
  const entryFor = (bits: Uint8Array): Entry => ({ value: bitsToBigint(bits) });
  const encode = (outcome: unknown) => Uint8Array.from(Buffer.from(JSON.stringify(outcome)));
  return {
    name: `fair ${rule.name}`,
    widths: { a: width, b: width },
    through(party, under, seed) {
      const side = preflight(terms, facts(party), undefined, undefined);
      const session = new Uint8Array(32).fill(seed);
      const random = seededRandom(seedOf(seed, party === 'a' ? 21 : 22));
      const options = { side, arbiter: side.arbiter!, session, garbles: party === 'a', random };
      const fair = new FairSetup(under, options);
      const link: Link = fair.link!;
      states.set(link, { fair, side, session, under });
      return link;
    },
    async run(engine, own, link) {
      const { fair, side, session, under } = states.get(link!)!;
      fair.make();
      await fair.begin();
      const fixed = fair.fixIn(engine);
      const Exchange = engine.party === 'b' ? FirstToEngage : SecondToEngage;
      const exchange = new Exchange({
        ...{ side, session, link: abortable(under as MemoryLink), identity: identities[engine.party] },
        evidence: async () => ({ seals: undefined, fingerprints: undefined }),
        escrows: () => fixed.accepted(),
        mandates: () => undefined,
        dispute: new DisputeFile(memoryDisputes(), session),
        progress: { sent: false, held: undefined },
        timeout: 600_000,
        onSent: () => undefined,
      });
      const challenges = fair.challenges(undefined);
      const revealing = new FairEngine(engine, {
        ...{ link: under, fixed, challenges, fixing: fair.fixing() },
        exchange: (masked) => exchange.open(masked),
      });
      try {
        return [encode(await bound.compute(revealing, entryFor(own), noRelease))];
      } finally {
        fair.discard();
      }
    },
    plain: (_, a, b) => [encode(bound.plain(entryFor(a), entryFor(b)))],
  };
}

/** A link of a duel in the place of a session's. */
function abortable(link: MemoryLink): SecureLink {
  const { send, receive, destroy } = link;
  return {
    send: send.bind(link),
    receive: receive.bind(link),
    abort: () => destroy.call(link),
    flush: () => undefined,
  } as unknown as SecureLink;
}
