import { describe, expect, it } from 'vitest';
import type { Party } from '../../src/circuit/party.ts';
import { integerToBytes } from '../../src/crypto/integers.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import { clearEngines } from '../../src/engine/clear.ts';
import type { ProvingEngine, Release } from '../../src/engine/engine.ts';
import type { AnyMessageType, Intercept } from '../../src/link/memory-link.ts';
import { proveSealKey, SealLink, sealValue } from '../../src/seals/index.ts';
import * as messages from '../../src/seals/messages.ts';
import { authenticatedPair } from '../engine/authenticated-pair.ts';
import { alice, bob, carol } from '../paillier/keys.ts';
import { bothKnown, failure, other, parties, runLink, sealKeys } from './run.ts';

const cheated = (side: Parameters<typeof failure>[0], check: string): void => {
  expect(failure(side)?.code).toBe('ERR_PEER_CHEATED');
  expect(failure(side)?.message).toContain(`(${check})`);
};
const N = { a: alice.publicKey.modulus, b: bob.publicKey.modulus };

/** Changes the first message of this type that `from` sends. */
function replace(
  from: Party,
  type: AnyMessageType,
  change: (fields: Record<string, Uint8Array>) => void,
): Intercept {
  let done = false;
  return (side, sent, fields) => {
    if (!done && side === from && sent.id === type.id) {
      done = true;
      change(fields);
    }
    return fields;
  };
}

describe('seals and their link', () => {
  it('pass for honest parties, at every width and in both orders', async () => {
    for (const [index, width] of [1, 17, 64, 128, 1_024].entries()) {
      const most = (1n << BigInt(width)) - 1n;
      const values = index % 2 === 0 ? { a: most, b: 0n } : { a: 0n, b: most };
      const sides = await runLink({ seed: index + 1, width, values, first: index % 2 === 0 ? 'a' : 'b' });
      for (const party of parties) {
        const side = sides[party];
        expect(failure(side)).toBeUndefined();
        if ('seal' in side) {
          const theirs = sides[other(party)];
          expect('seal' in theirs && side.peer.equals(theirs.seal.sealed.seal)).toBe(true);
        }
      }
    }
  });

  it('pass and fail the same in the malicious engine', async () => {
    for (const entered of [{}, { a: 42n }, { b: 98n }] as const) {
      const { a, b, links } = await authenticatedPair(7);
      const sides = await runLink({ engines: { a, b }, engineLinks: links, entered });
      if ('a' in entered) cheated(sides.b, 'seal link');
      else if ('b' in entered) cheated(sides.a, 'seal link');
      else for (const party of parties) expect(failure(sides[party])).toBeUndefined();
    }
  });

  it('forget value and mask when a proof cannot be sent', async () => {
    const engines = clearEngines();
    let bits: Uint8Array | undefined;
    const stop: ProvingEngine['sendProof'] = async (_circuit, _inputs, given) => {
      bits = given;
      expect(given).toContain(1);
      throw new Error('stopped');
    };
    engines.a.sendProof = stop as typeof engines.a.sendProof;
    const { a } = await runLink({ engines });
    expect(failure(a)?.message).toBe('stopped');
    expect(bits).not.toContain(1);
  });

  it('fail at the honest side whenever what is entered is not what is sealed', async () => {
    const runs = process.env.PARLEY_FULL === undefined ? 4 : 60;
    const random = seededRandom(new Uint8Array(16).fill(9));
    for (let run = 0; run < runs; run++) {
      const cheat = parties[run & 1]!;
      const first = parties[(run >> 1) & 1]!;
      const bit = 1n << BigInt(random(1)[0]! & 63);
      const sides = await runLink({
        seed: run + 1,
        first,
        entered: { [cheat]: 41n ^ bit },
        values: { a: 41n, b: 41n },
      });
      cheated(sides[other(cheat)], 'seal link');
    }
  });

  it('fail for every field of every message that is changed on the wire', async () => {
    const fields: [AnyMessageType, string, string][] = [
      [messages.sealKey, 'modulus', 'seal key'],
      [messages.sealedValue, 'seal', 'seal link'],
      [messages.sealKey, 'challenge', 'seal challenge'],
      [messages.sealMask, 'mask', 'seal link'],
      [messages.sealChallenge, 'challenge', 'seal challenge'],
      [messages.sealChallenge, 'nonce', 'seal challenge'],
      [messages.sealAnswer, 'randomness', 'seal link'],
    ];
    for (const from of parties) {
      for (const [type, field, check] of fields) {
        const sides = await runLink({
          intercept: replace(from, type, (sent) => {
            const bytes = sent[field]!;
            // Below the top byte, so that numbers stay in range; the last bit makes a modulus even.
            bytes[bytes.length - 1] = bytes.at(-1)! ^ 1;
          }),
        });
        cheated(sides[other(from)], check);
      }
    }
  });

  it('refuse ciphertexts and answers out of range or not coprime to N', async () => {
    for (const from of parties) {
      const squared = N[from] * N[from];
      const prime = { a: alice, b: bob }[from].p.prime;
      for (const value of [0n, squared, prime]) {
        for (const [type, field] of [
          [messages.sealedValue, 'seal'],
          [messages.sealMask, 'mask'],
        ] as const) {
          const sides = await runLink({
            intercept: replace(from, type, (sent) => sent[field]!.set(integerToBytes(value, 768))),
          });
          cheated(sides[other(from)], field === 'seal' ? 'seal value' : 'seal mask');
        }
      }
      for (const value of [0n, N[from], prime]) {
        const sides = await runLink({
          intercept: replace(from, messages.sealAnswer, (sent) =>
            sent.randomness!.set(integerToBytes(value, 384)),
          ),
        });
        cheated(sides[other(from)], 'seal answer');
      }
    }
  });

  it('refuse keys of a wrong length or without a valid proof, once for each key', async () => {
    for (const bits of [0, 2_048, 3_000, 3_073, 8_192]) {
      const sides = await runLink({
        intercept: replace('a', messages.sealKeySize, (sent) => {
          new DataView(sent.bits!.buffer, sent.bits!.byteOffset).setUint16(0, bits);
        }),
      });
      cheated(sides.b, 'seal key size');
    }
    const known = { a: new Set<string>(), b: new Set<string>() };
    const damage = replace('b', messages.sealKey, (sent) => {
      sent.proof![5] = sent.proof![5]! ^ 4;
    });
    cheated((await runLink({ known, intercept: damage })).a, 'seal key proof');
    expect(known.a.size).toBe(0);
    expect(known.b.size).toBe(1);
    const again = await runLink({ known });
    for (const party of parties) expect(failure(again[party])).toBeUndefined();
    expect(known.a.size).toBe(1);
  });

  it('let nothing pass from a party whose key or link is wrong, and first then gives nothing either', async () => {
    for (const cheat of parties) {
      const unknown = { a: new Set<string>(), b: new Set<string>() };
      const damage = replace(cheat, messages.sealKey, (sent) => {
        sent.proof![5] = sent.proof![5]! ^ 4;
      });
      for (const wrong of [{ entered: { [cheat]: 7n } }, { known: unknown, intercept: damage }]) {
        const done: string[] = [];
        const of = (party: Party): Release => ({
          send: async () => void done.push(`${party} has sent`),
          receive: async () => void done.push(`${party} has received`),
        });
        const sides = await runLink({ ...wrong, release: { a: of('a'), b: of('b') } });
        const honest = other(cheat);
        expect(failure(sides[honest])?.code).toBe('ERR_PEER_CHEATED');
        expect(done.filter((each) => each.startsWith(honest))).toEqual(honest === 'b' ? ['b has sent'] : []);
      }
    }
  });

  it('refuse a key proof of another identity', async () => {
    const known = { a: new Set<string>(), b: new Set<string>() };
    const stranger = proveSealKey(carol, new Uint8Array(32).fill(0xc3));
    const sides = await runLink({ known, keys: { b: stranger } });
    cheated(sides.a, 'seal key proof');
  });

  it('refuse a copied seal: the other side’s key as one’s own', async () => {
    for (const copier of parties) {
      const { key, proof } = sealKeys[other(copier)];
      const sides = await runLink({
        intercept: replace(copier, messages.sealKey, (sent) => {
          sent.modulus!.set(key.publicKey.toBytes());
          sent.proof!.set(proof);
        }),
      });
      cheated(sides[other(copier)], 'seal keys differ');
    }
  });

  it('refuse a mask of an earlier session, and one of the other side', async () => {
    const earlier = new Map<Party, Uint8Array>();
    await runLink({
      seed: 3,
      intercept: (side, type, fields) => {
        if (type.id === messages.sealMask.id) earlier.set(side, fields.mask!.slice());
        return fields;
      },
    });
    for (const from of parties) {
      for (const source of parties) {
        const sides = await runLink({
          seed: 4,
          intercept: replace(from, messages.sealMask, (sent) => sent.mask!.set(earlier.get(source)!)),
        });
        expect(failure(sides[other(from)])?.code).toBe('ERR_PEER_CHEATED');
      }
    }
  });

  it('refuse a challenge that mirrors the other side’s commitment and opening', async () => {
    let commitment: Uint8Array | undefined;
    let opening: Record<string, Uint8Array> | undefined;
    const sides = await runLink({
      first: 'a',
      intercept: (side, type, fields) => {
        if (type.id === messages.sealKey.id) {
          if (side === 'a') commitment = fields.challenge!.slice();
          else fields.challenge!.set(commitment!);
        }
        if (type.id === messages.sealChallenge.id) {
          if (side === 'a') opening = { challenge: fields.challenge!.slice(), nonce: fields.nonce!.slice() };
          else return opening!;
        }
        return fields;
      },
    });
    cheated(sides.a, 'seal challenge');
  });

  it('keep the order: commitment before mask, inputs and mask before the challenge opens', async () => {
    const order: string[] = [];
    const record: Intercept = (side, type, fields) => {
      order.push(`${side} ${type.name}`);
      return fields;
    };
    const { a, b } = await authenticatedPair(11, { intercept: record });
    await runLink({ engines: { a, b }, first: 'a', intercept: record });
    const at = (name: string) => order.indexOf(name);
    for (const party of parties) {
      const peer = other(party);
      for (const name of [
        `${party} seal.key`,
        `${peer} seal.value`,
        `${peer} seal.mask`,
        `${peer} authenticated.maskedInputs`,
      ]) {
        expect(at(name)).toBeGreaterThanOrEqual(0);
        expect(at(name)).toBeLessThan(at(`${party} seal.challenge`));
      }
      expect(at(`${peer} seal.key`)).toBeLessThan(at(`${party} seal.mask`)); // it has the peer's commitment
      expect(at(`${peer} seal.challenge`)).toBeLessThan(at(`${party} authenticated.proof`));
      expect(at(`${party} authenticated.proof`)).toBeLessThan(at(`${party} seal.answer`));
      expect(order.filter((name) => name === `${party} seal.answer`)).toHaveLength(1);
    }
  });

  it('is linked once', async () => {
    const sides = await runLink({ known: bothKnown });
    if (!('seal' in sides.a)) throw new Error('the run failed');
    const { keys } = sides.a.seal;
    expect(() => new SealLink(keys, clearEngines().a)).toThrow(/one challenge/);
  });

  it('has messages of these ids and lengths', () => {
    const listed = Object.values(messages).map((type) => [type.id, type.name, type.lengths(3_072 as never)]);
    expect(listed).toMatchInlineSnapshot(`
      [
        [
          128,
          "seal.keySize",
          {
            "bits": 2,
          },
        ],
        [
          129,
          "seal.key",
          {
            "challenge": 32,
            "modulus": 384,
            "proof": 3072,
          },
        ],
        [
          130,
          "seal.value",
          {
            "seal": 768,
          },
        ],
        [
          134,
          "seal.commitment",
          {
            "commitment": 32,
          },
        ],
        [
          131,
          "seal.mask",
          {
            "mask": 768,
          },
        ],
        [
          132,
          "seal.challenge",
          {
            "challenge": 5,
            "nonce": 32,
          },
        ],
        [
          133,
          "seal.answer",
          {
            "randomness": 384,
          },
        ],
      ]
    `);
  });

  it('takes seals made before, with the same result', async () => {
    const random = seededRandom(new Uint8Array(16).fill(5));
    const sealed = sealValue(alice, 41n, 64, random);
    for (const seed of [5, 6]) {
      const sides = await runLink({ seed, seals: { a: sealed } });
      expect(failure(sides.b)).toBeUndefined();
      if ('seal' in sides.b) expect(sides.b.peer.digest()).toEqual(sealed.seal.digest());
    }
  });
});
