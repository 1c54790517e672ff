import { readFileSync } from 'node:fs';
import { describe, expect, test, vi } from 'vitest';
import { rules } from '../../protocols/registry.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { integerToBytes, modInverse } from '../../src/crypto/integers.ts';
import { Modulus } from '../../src/crypto/modexp.ts';
import { rawPublicKey } from '../../src/documents/identity.ts';
import { PublicKey } from '../../src/paillier/index.ts';
import { challenges } from '../../src/paillier/key-proof/challenges.ts';
import { buyer, seller, splitTerms } from '../support/sessions.ts';
import { inputsFor } from './harness/campaign.ts';
import { drop, firstOf, inPlaceOf, setFields } from './harness/changes.ts';
import { type Duel, duel, other, outcomeOf, type Rule } from './harness/duel.ts';
import { entryBits, sealedMeet, sealedRule } from './harness/sealed.ts';

vi.mock('../../src/crypto/check.ts', () => import('./harness/checks.ts'));

const parties = ['a', 'b'] as const;
const identities = { a: rawPublicKey(seller.publicKey), b: rawPublicKey(buyer.publicKey) };
const fixture = new URL('../fixtures/paillier-malformed.json', import.meta.url);
const malformed = JSON.parse(readFileSync(fixture, 'utf8')) as Record<string, string[]>;

const attack = (
  from: 'a' | 'b',
  rule: Rule,
  { strangers = false, mayChangeNothing = false } = {},
): Promise<Duel> => {
  const program = sealedMeet(strangers);
  const inputs = inputsFor(program);
  return duel({ program, seed: 7, inputs, cheater: from, rule, mayChangeNothing, timeout: 2_000 });
};

/** The N of these primes, with the best proof that their owner can make: roots modulo each prime where it has them. */
function forgedKey(
  primes: readonly bigint[],
  identity: Uint8Array,
): { modulus: Uint8Array; proof: Uint8Array } {
  const key = new PublicKey(primes.reduce((product, prime) => product * prime, 1n));
  const roots = challenges(key, identity).map((challenge) => {
    let root = 0n;
    for (const prime of primes) {
      const hasRoots = (prime - 1n) % primes[0]! !== 0n;
      const residue = new Modulus(prime).power(
        challenge,
        hasRoots ? modInverse(key.modulus, prime - 1n) : 1n,
      );
      const rest = key.modulus / prime;
      root += residue * rest * modInverse(rest, prime);
    }
    return root % key.modulus;
  });
  return { modulus: key.toBytes(), proof: concatBytes(...roots.map((root) => integerToBytes(root, 384))) };
}

describe.each(parties)('%s comes with', (from) => {
  test.each(['factorBelowBound', 'pDividesQMinusOne'])('a modulus of a bad form: %s', async (name) => {
    const key = forgedKey(malformed[name]!.map(BigInt), identities[from]);
    // Numbers that are in range and coprime to any such N.
    const small = (value: bigint, length: number) => integerToBytes(value, length);
    const rule = firstOf(
      setFields({ from, message: 'seal.key' }, key),
      setFields({ from, message: 'seal.value' }, { seal: small(5n, 768) }),
      setFields({ from, message: 'seal.mask' }, { mask: small(7n, 768) }),
      setFields({ from, message: 'seal.answer' }, { randomness: small(11n, 384) }),
    );
    const honest = (await attack(from, rule, { strangers: true }))[other(from)];
    expect(honest).toMatchObject({ code: 'ERR_PEER_CHEATED', failed: ['seal key proof'] });
  });

  test('a seal, a mask or an answer of an earlier session', async () => {
    const program = sealedMeet(false);
    const inputs = inputsFor(program);
    const earlier = await duel({
      program,
      seed: 9,
      inputs: { ...inputs, [from]: inputs[from].map((bit) => bit ^ 1) },
    });
    for (const [message, field] of [
      ['seal.value', 'seal'],
      ['seal.mask', 'mask'],
      ['seal.answer', 'randomness'],
    ] as const) {
      const old = earlier.sent.find(({ side, type }) => side === from && type.name === message)!;
      const honest = (await attack(from, setFields({ from, message }, { [field]: old.fields[field]! })))[
        other(from)
      ];
      expect(honest).toMatchObject({ code: 'ERR_PEER_CHEATED', failed: ['seal link'] });
    }
  });

  test('the other side’s seal, mask or answer as its own', async () => {
    for (const message of ['seal.mask', 'seal.answer', 'seal.value']) {
      const copy = inPlaceOf({ from, message }, (sent, run) => {
        const theirs = run.find(({ side, type }) => side !== from && type === sent.type);
        // Whoever comes first with a message has nothing to copy yet.
        return theirs && [{ type: sent.type, fields: theirs.fields }];
      });
      const result = await attack(from, copy, { mayChangeNothing: true });
      const came = result.sent.findIndex(({ side, type }) => side === from && type.name === message);
      const copied = result.sent
        .slice(0, came)
        .some(({ side, type }) => side !== from && type.name === message);
      if (copied) expect(result[other(from)]).toMatchObject({ code: 'ERR_PEER_CHEATED' });
      else expect('outcome' in result[other(from)]).toBe(true);
    }
  });

  test('silence, and sees no challenge before all it enters is fixed', async () => {
    for (const missing of ['seal.value', 'seal.mask', 'authenticated.maskedInputs']) {
      // A garbler's mask goes out with its own challenge, both after the evaluator's mask: then it gets no challenge either.
      const rule = drop({ from, message: missing });
      const { sent, [other(from)]: honest } = await attack(from, rule);
      expect(honest).toHaveProperty('code');
      expect(sent.filter(({ side, type }) => side !== from && type.name === 'seal.challenge')).toEqual([]);
    }
  });
});

describe('the link', () => {
  const rule = rules.find(({ name }) => name === 'split')!;
  const terms = splitTerms({ security: 'malicious', seals: 'paillier' });
  const entries = { a: 400n, b: 500n };
  const lie = async (cheater: 'a' | 'b', off: readonly string[]) => {
    const program = sealedRule({ rule, terms, sealed: { [cheater]: entries[cheater] ^ 1n } });
    const inputs = { a: entryBits(entries.a, program), b: entryBits(entries.b, program) };
    return { program, inputs, result: await duel({ program, seed: 5, inputs, cheater, off }) };
  };

  test.each(parties)(
    'is what stops %s from entering something else than it sealed, and nothing else does',
    async (cheater) => {
      const caught = await lie(cheater, []);
      expect(caught.result[other(cheater)]).toMatchObject({
        code: 'ERR_PEER_CHEATED',
        failed: ['seal link'],
      });
      const shares = caught.result.sent.filter(({ type }) => type.name === 'authenticated.openedOutputs');
      expect(shares.filter(({ side }) => side !== cheater)).toEqual([]);
      const { program, inputs, result } = await lie(cheater, ['seal link']);
      const honest = other(cheater);
      expect(outcomeOf(result[honest])).toEqual(program.plain(honest, inputs.a, inputs.b));
      expect(result[honest].failed).toEqual(['seal link']);
    },
  );

  test.each(parties)('passes for nobody who changes its challenge afterwards: %s', async (from) => {
    const changed = setFields(
      { from, message: 'seal.challenge' },
      { challenge: Uint8Array.of(1, 2, 3, 4, 5) },
    );
    const honest = (await attack(from, changed))[other(from)];
    expect(honest).toMatchObject({ code: 'ERR_PEER_CHEATED', failed: ['seal challenge'] });
  });
});
