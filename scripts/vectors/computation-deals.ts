import { ruleOf } from '../../protocols/registry.ts';
import type { BoundRule } from '../../protocols/rule.ts';
import { type Bits, bigintToBits, packBits, unpackBits } from '../../src/circuit/bits.ts';
import type { Party } from '../../src/circuit/party.ts';
import { concatBytes } from '../../src/crypto/bytes.ts';
import { fromHex } from '../../src/crypto/encoding.ts';
import { scalarFromHash } from '../../src/crypto/group.ts';
import { hash } from '../../src/crypto/hash.ts';
import { bytesToInteger } from '../../src/crypto/integers.ts';
import { tags } from '../../src/crypto/tags.ts';
import { serializeAgreement } from '../../src/documents/agreement.ts';
import { completeTerms, type Terms, type TermsDraft, termsDigest } from '../../src/documents/terms.ts';
import type { Channel } from '../../src/link/channel.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';
import type { AnyMessageType } from '../../src/link/memory-link.ts';
import { Ciphertext } from '../../src/paillier/ciphertext.ts';
import { decrypt, recoverRandomness } from '../../src/paillier/encryption.ts';
import type { PrivateKey } from '../../src/paillier/index.ts';
import { maskWidth } from '../../src/seals/parameters.ts';
import { openSession } from '../../src/session/open.ts';
import type { SessionParts } from '../../src/session/parts.ts';
import type { Session } from '../../src/session/session.ts';
import { labelsOfZero, type RecordedMessage, recordedMessage, recordingRandom } from './computation-dealt.ts';
import { clamped } from './handshake.ts';
import { identity, sealKeys } from './people.ts';
import { hex, type Maker, once, seeded } from './shape.ts';

/** The numbers of seller and buyer (people.ts): the two sides of every deal. */
const PEOPLE = [1, 2] as const;
/** What each side would remember of the peer's key proof: to verify it here again would only take time. */
const knownKeys = once(() =>
  [sealKeys().buyer, sealKeys().seller].map(
    ({ key, identity: owner }) => new Set([hex(hash(tags.sealKey, owner, key.publicKey.toBytes()))]),
  ),
);

/** A negotiation to be run, with a number that both sides' draws follow from. */
interface Deal {
  readonly seed: number;
  /** The rule's part of the terms, and what else differs. */
  readonly terms: Pick<TermsDraft, 'rule'> & Partial<TermsDraft>;
  /** Of the initiator, who is party a, and of the responder. */
  readonly mandates: readonly [unknown, unknown];
  readonly prepare?: boolean;
}

const LINES = ['initiator', 'responder'] as const;
type Line = (typeof LINES)[number];
/** A machine may be halted for minutes while this runs. */
const PATIENCE = 900_000;

/** One side of a run: what it has drawn, written and sent. */
interface Side {
  readonly line: Line;
  readonly party: Party;
  readonly seed: Uint8Array;
  readonly key: PrivateKey;
  readonly drawn: Uint8Array[];
  readonly written: Uint8Array[];
  readonly messages: RecordedMessage[];
  readonly session: Session;
}

/** The channel, which remembers what is written. */
function remembering(channel: Channel, written: Uint8Array[]): Channel {
  return {
    ...(channel.initiator !== undefined && { initiator: channel.initiator }),
    async send(bytes) {
      written.push(Uint8Array.from(bytes));
      await channel.send(bytes);
    },
    receive: () => channel.receive(),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
  };
}

/** Remembers every message of a session from now on. */
function rememberMessages(session: Session, messages: RecordedMessage[]): void {
  const { link } = (session as unknown as { readonly parts: SessionParts }).parts;
  const send = link.send.bind(link) as (...message: unknown[]) => Promise<void>;
  link.send = ((type: AnyMessageType, shape: unknown, fields: Record<string, Uint8Array>) => {
    messages.push(recordedMessage(type, shape, fields));
    return send(type, shape, fields);
  }) as typeof link.send;
}

async function open({ seed }: Deal, sealed: boolean): Promise<readonly [Side, Side]> {
  const channels = memoryChannelPair();
  const side = async (i: 0 | 1): Promise<Side> => {
    const sealKey = i === 0 ? sealKeys().seller : sealKeys().buyer;
    const { key } = sealKey;
    const { random, drawn } = recordingRandom(seed + i);
    const written: Uint8Array[] = [];
    const messages: RecordedMessage[] = [];
    const session = await openSession({
      channel: remembering(channels[i], written),
      initiator: i === 0,
      identity: identity(PEOPLE[i]),
      peer: identity(PEOPLE[i === 0 ? 1 : 0]).publicKey,
      timeout: PATIENCE,
      random,
      ...(sealed && { sealKey, knownKeys: knownKeys()[i]! }),
    });
    rememberMessages(session, messages);
    const own = seeded(PEOPLE[i])(32);
    return { line: LINES[i], party: i === 0 ? 'a' : 'b', seed: own, key, drawn, written, messages, session };
  };
  return Promise.all([side(0), side(1)]);
}

function termsOf({ terms }: Deal): Terms {
  const rule = ruleOf(terms);
  const [a, b] = rule.roles;
  const parties = { [a]: identity(PEOPLE[0]).publicKey, [b]: identity(PEOPLE[1]).publicKey };
  const draft = {
    ...{ parley: 1, subject: 'used car', parties, expires: '2999-01-01T00:00:00Z' },
    nonce: 'AAAAAAAAAAAAAAAAAAAAAA',
    ...terms,
  } as TermsDraft;
  return completeTerms(draft, {}, rule);
}

/** The three messages of the handshake, from the bytes that were written. */
function handshakeOf([initiator, responder]: readonly [Side, Side]) {
  const [left, right] = [concatBytes(...initiator.written), concatBytes(...responder.written)];
  const rest = (right[8]! << 8) | right[9]!;
  return [left.subarray(0, 40), right.subarray(0, 10 + rest), left.subarray(40, 200)].map(hex);
}

/** What a side had to draw or to know for its messages, by the names of docs/wire.md. `from` is how much had been drawn when its mandate was asked for. */
function secretsOf(side: Side, bound: BoundRule, mandate: unknown, from: number, security: string) {
  const { line, party, seed, drawn, messages } = side;
  const [noiseStatic, noiseEphemeral] = drawn;
  const garbles = (line === 'initiator') === (security === 'semi-honest');
  const chooses = line === 'initiator';
  const replay = drawn.slice(from).values();
  const entry = bound.enter(party, mandate, () => replay.next().value!.slice());
  const opened = new Set(messages.flatMap(({ fields }) => Object.values(fields)));
  const seal = sealOf(side, bound);
  // A mask of a seal may be as long as Δ.
  const isMask = (bytes: Uint8Array) =>
    seal !== undefined && lowBits(bytes, maskWidth(bound.seal!.width)) === seal.m;
  const rest = drawn.slice(2).filter((bytes) => !opened.has(hex(bytes)) && !isMask(bytes));
  const take = (length: number) => {
    const at = rest.findIndex((bytes) => bytes.length === length);
    return rest.splice(at, at < 0 ? 0 : 1)[0];
  };
  const sender = line === 'responder' ? scalarFromHash(take(64)!) : undefined;
  const hasDelta = garbles || security === 'malicious';
  const delta = hasDelta ? fixedBits(take(16)!, garbles, security) : undefined;
  const base = chooses ? take(16_384) : undefined;
  const choices = messages
    .filter(({ type }) => type === '0x23')
    .map(({ fields }) => take(fields.correction!.length / 2 / 32)!);
  if (security === 'malicious' && garbles) choices[0]!.set(delta!);
  if (security === 'semi-honest' && !garbles) {
    choices[0] = beginningWith(bigintToBits(entry.value, bound.seal!.width), choices[0]!);
  }
  const zeros = security === 'malicious' && garbles ? rest.find((bytes) => bytes.length > 1_024) : undefined;
  return {
    identity: hex(seed),
    noise: { static: hex(clamped(noiseStatic!)), ephemeral: hex(clamped(noiseEphemeral!)) },
    entry: {
      value: entry.value.toString(),
      ...(entry.rest !== undefined && { rest: hex(entry.rest) }),
    },
    ...(sender !== undefined && { baseOt: { a: hex(sender) } }),
    ...(delta !== undefined && { delta: hex(delta) }),
    ...(base !== undefined && { baseOt: { t: hex(scalarsOf(base)) } }),
    ...(choices.length > 0 && { choices: choices.map(hex) }),
    ...(zeros !== undefined && { zeros: hex(labelsOfZero(zeros)) }),
    ...(seal !== undefined && { seal }),
  };
}

/** Δ as it is used: the bits that engine and role fix are set in what was drawn. */
function fixedBits(drawn: Uint8Array, garbles: boolean, security: string): Uint8Array {
  const delta = drawn.slice();
  if (security === 'semi-honest') delta[0]! |= 1;
  else delta[0] = (delta[0]! & 0xfc) | (garbles ? 3 : 1);
  return delta;
}

/** The scalars t of 128 base OTs. */
function scalarsOf(drawn: Uint8Array): Uint8Array {
  const scalars = Array.from({ length: 128 }, (_, i) => scalarFromHash(drawn.subarray(64 * i, 64 * i + 64)));
  return concatBytes(...scalars);
}

/** Choice bits that begin with a party's input. */
function beginningWith(input: Bits, drawn: Uint8Array): Uint8Array {
  const choices = unpackBits(drawn);
  choices.set(input);
  return packBits(choices);
}

/** What a side has sealed, and its mask, from what it has sent and its key. */
function sealOf({ key, messages }: Side, bound: BoundRule) {
  const sent = (type: string, field: string) => {
    const message = messages.find((one) => one.type === type);
    return message && Ciphertext.fromBytes(key.publicKey, fromHex(message.fields[field]!));
  };
  const [seal, mask] = [sent('0x82', 'seal'), sent('0x83', 'mask')];
  if (seal === undefined || mask === undefined) return undefined;
  const width = bound.seal!.width;
  return {
    randomness: hex(recoverRandomness(key, seal).toBytes()),
    m: decrypt(key, mask, maskWidth(width)).toString(),
    maskRandomness: hex(recoverRandomness(key, mask).toBytes()),
  };
}

/** The number that a party makes of what it has drawn for one of so many bits. */
function lowBits(bytes: Uint8Array, width: number): string {
  return BigInt.asUintN(width, bytesToInteger(bytes)).toString();
}

/** Runs a deal, and gives all that follows. */
async function run(deal: Deal) {
  const terms = termsOf(deal);
  const { security, seals } = terms;
  const sides = await open(deal, seals !== 'none');
  const [left] = sides;
  if (deal.prepare) await Promise.all(sides.map(({ session }) => session.prepare(terms)));
  const drawn = sides.map((side) => side.drawn.length);
  const results = await Promise.all(
    sides.map(({ session }, i) => session.negotiate({ terms, mandate: deal.mandates[i] as never })),
  );
  for (const { session } of sides) session.destroy();
  const bound = ruleOf(terms).under(terms);
  const agreements = results.map(({ agreement }) => new TextDecoder().decode(serializeAgreement(agreement)));
  if (agreements[0] !== agreements[1]) throw new Error('the sides have different agreements');
  const byLine = <Value>(of: (side: Side, i: number) => Value) =>
    Object.fromEntries(sides.map((side, i) => [side.line, of(side, i)]));
  return {
    terms,
    termsDigest: hex(termsDigest(terms)),
    handshake: handshakeOf(sides),
    sessionId: hex(left.session.id),
    prepared: deal.prepare === true,
    ...(terms.menu === undefined && { mandates: byLine((_, i) => deal.mandates[i]) }),
    secrets: byLine((side, i) => secretsOf(side, bound, deal.mandates[i], drawn[i]!, security)),
    messages: byLine(({ messages }) => messages),
    outcome: results[0]!.outcome,
    agreement: agreements[0],
  };
}

const range = { min: '0', max: '10', step: '1', unit: 'USD', decimals: 0 };
const limits = [{ reservation: '3' }, { reservation: '7' }] as const;
const colours = { issues: [{ name: 'Colour', values: ['red', 'blue'] }] };
const likes = (red: number, blue: number) => ({
  reservation: 0.25,
  ratings: { Colour: { weight: 1, values: { red, blue } } },
});

const deals: Readonly<Record<string, { readonly about: string; readonly deal: Deal }>> = {
  'deal-zopa': {
    about: 'A deal under semi-honest security: whether there is one.',
    deal: {
      seed: 111,
      terms: { rule: { name: 'zopa' }, range, security: 'semi-honest', seals: 'none' },
      mandates: limits,
    },
  },
  'deal-split': {
    about: 'A deal under semi-honest security: a price in the middle.',
    deal: {
      seed: 113,
      terms: {
        rule: { name: 'split' },
        range: { ...range, max: '1000' },
        security: 'semi-honest',
        seals: 'none',
      },
      mandates: [{ reservation: '412' }, { reservation: '733' }],
    },
  },
  'deal-split-prepared': {
    about:
      'A deal under malicious security with seals, prepared ahead of the mandates: a price in the middle.',
    deal: {
      seed: 115,
      terms: { rule: { name: 'split' }, range, security: 'malicious', seals: 'paillier' },
      mandates: limits,
      prepare: true,
    },
  },
  'deal-random-split': {
    about: 'A deal under semi-honest security: a price drawn from all that both accept.',
    deal: {
      seed: 117,
      terms: {
        rule: { name: 'random-split' },
        range,
        security: 'semi-honest',
        seals: 'none',
      },
      mandates: limits,
    },
  },
  'deal-posted-price': {
    about:
      'A negotiation under malicious security without seals that ends without a deal: a price drawn from the range.',
    deal: {
      seed: 119,
      terms: {
        rule: { name: 'posted-price', price: 'random' },
        range,
        security: 'malicious',
        seals: 'none',
      },
      mandates: limits,
    },
  },
  'deal-menu': {
    about:
      'A deal on a menu of two options under malicious security with seals, which commit to all ratings.',
    deal: {
      seed: 121,
      terms: {
        rule: { name: 'menu', solution: 'utilitarian', version: 2 },
        menu: colours,
        security: 'malicious',
        seals: 'paillier',
      },
      mandates: [likes(1, 0.5), likes(0.3, 0.9)],
    },
  },
};

export const dealMakers: Readonly<Record<string, Maker>> = Object.fromEntries(
  Object.entries(deals).map(([name, { about, deal }]) => [name, { about, make: () => run(deal) }]),
);
