import { concatBytes } from '../../src/crypto/bytes.ts';
import { scalarFromHash } from '../../src/crypto/group.ts';
import { Kernel } from '../../src/crypto/kernel.ts';
import { platform } from '../../src/crypto/platform/node.ts';
import { atOnce } from '../../src/crypto/slices.ts';
import {
  BASE_OTS,
  BaseOtReceiver,
  BaseOtSender,
  baseOf,
  CotReceiver,
  CotSender,
  chosenSeedsFromMacs,
  dealtBaseOts,
  leavesOf,
  levelsOf,
  matrixRows,
  roomFor,
  SILENT_SIZES,
  SilentReceiver,
  SilentSender,
  seedPairsFromKeys,
} from '../../src/ot/index.ts';
import { recordingRandom } from './computation-dealt.ts';
import { hex, type Maker, seeded } from './shape.ts';

const digest = (bytes: Uint8Array) => hex(platform.sha256(bytes));

export const baseOt: Maker = {
  about: 'A batch of base OTs: the secrets of both parties, the messages, and all seeds.',
  make() {
    const sid = seeded(1)(32);
    const sides = [recordingRandom(2), recordingRandom(3)] as const;
    const choices = seeded(4)(BASE_OTS / 8);
    const sender = new BaseOtSender(sides[0].random, sid);
    const receiver = new BaseOtReceiver(sides[1].random, sid, choices, sender.point);
    const { zero, one } = sender.keys(receiver.message);
    const scalars = Array.from({ length: BASE_OTS }, (_, i) =>
      scalarFromHash(sides[1].drawn[0]!.subarray(64 * i, 64 * i + 64)),
    );
    return {
      sid: hex(sid),
      sender: { a: hex(scalarFromHash(sides[0].drawn[0]!)) },
      point: hex(sender.point),
      receiver: { choices: hex(choices), t: hex(concatBytes(...scalars)) },
      points: hex(receiver.message),
      seeds: { zero: hex(zero), one: hex(one), chosen: hex(receiver.keys()) },
    };
  },
};

/** Both ends of an instance of the extension. */
class Extension {
  readonly kernel = new Kernel();
  readonly drawn: Uint8Array[];
  readonly delta: Uint8Array;
  readonly sid: Uint8Array;
  private readonly direction: string;
  private readonly base: { readonly zero: string; readonly one: string };
  private readonly receiver: CotReceiver;
  private readonly sender: CotSender;

  constructor(seed: number, direction: string, choiceInBit0: boolean) {
    const random = seeded(seed);
    this.sid = random(32).slice();
    this.delta = random(16).slice();
    this.delta[0]! |= 1;
    const { pairs, chosen } = dealtBaseOts(random, this.delta);
    const { kernel, sid, delta } = this;
    const own = recordingRandom(seed + 1);
    this.drawn = own.drawn;
    this.direction = direction;
    this.base = { zero: hex(pairs.zero), one: hex(pairs.one) };
    const common = { kernel, sid, direction, choiceInBit0 };
    this.receiver = new CotReceiver({ ...common, random: own.random, seeds: pairs });
    this.sender = new CotSender({ ...common, delta, seeds: chosen });
    this.sender.acceptSetup(this.receiver.setup);
  }

  /** The instance, but for batches. */
  members() {
    const { sums, proof, digest: proofs } = this.receiver.setup;
    return {
      sid: hex(this.sid),
      direction: this.direction,
      delta: hex(this.delta),
      seeds: this.base,
      setup: { sums: hex(sums), proof: hex(proof), digest: hex(proofs) },
    };
  }

  /** The next batch, with all choice bits, those of rows that only pad among them. */
  batch(count: number, choices?: Uint8Array) {
    const { kernel, receiver, sender, drawn } = this;
    const { message, macs } = receiver.extend(count, choices);
    const keys = sender.extend(count, message);
    const all = drawn.at(-1)!.slice();
    if (choices !== undefined) all.set(withRest(choices, count, all));
    return {
      count,
      message,
      choices: all,
      macs,
      keys,
      read: (at: typeof macs) => kernel.read(at, 16 * count),
    };
  }
}

/** Packed choices, with the bits of `rest` behind them in the last byte. */
function withRest(choices: Uint8Array, count: number, rest: Uint8Array): Uint8Array {
  const whole = choices.slice();
  const kept = (1 << (count & 7)) - 1;
  const last = count >> 3;
  if (kept !== 0) whole[last] = (choices[last]! & kept) | (rest[last]! & ~kept);
  return whole;
}

export const otExtension: Maker = {
  about:
    'OT extension: setup, batches with their check, and the base seeds that one direction gives the other.',
  make() {
    const plain = new Extension(11, 'yao inputs', false);
    const short = plain.batch(5, Uint8Array.of(0b10110));
    const long = plain.batch(32_300);
    const bits = new Extension(13, 'bits of the garbler', true);
    const base = bits.batch(BASE_OTS, seeded(15)(16));
    const more = bits.batch(200);
    const { kernel, sid, delta } = bits;
    const direction = 'bits of the garbler';
    const pairs = seedPairsFromKeys(kernel, base.keys, delta, sid, direction);
    const chosen = chosenSeedsFromMacs(kernel, base.macs, sid, direction);
    return {
      instances: [
        { ...plain.members(), batches: [whole(short), hashed(long)] },
        { ...bits.members(), batches: [whole(base), whole(more)] },
      ],
      seeds: { zero: hex(pairs.zero), one: hex(pairs.one), chosen: hex(chosen) },
    };
  },
};

type Batch = ReturnType<Extension['batch']>;

function whole({ count, message, choices, macs, keys, read }: Batch) {
  const { correction, choiceHash, macHash } = message;
  return {
    count,
    choices: hex(choices),
    message: { correction: hex(correction), choiceHash: hex(choiceHash), macHash: hex(macHash) },
    macs: hex(read(macs)),
    keys: hex(read(keys)),
  };
}

/** A batch of more than one chunk: what is long is given by its SHA-256. */
function hashed({ count, message, choices, macs, keys, read }: Batch) {
  const { correction, choiceHash, macHash } = message;
  return {
    count,
    rows: matrixRows(count),
    choices: hex(choices),
    message: { correctionSha256: digest(correction), choiceHash: hex(choiceHash), macHash: hex(macHash) },
    macsSha256: digest(read(macs)),
    keysSha256: digest(read(keys)),
  };
}

export const silentOt: Maker = {
  about: 'One silent extension of the smallest size with two trees, over COTs that follow from two seeds.',
  make() {
    const shape = { size: SILENT_SIZES[0]!, trees: 2 };
    const count = baseOf(shape.size);
    const name = { sid: seeded(21)(32), direction: 'bits of the evaluator', number: 3 };
    const delta = seeded(22)(16).slice();
    delta[0]! |= 1;
    const seeds = { keys: seeded(23)(16), choices: seeded(24)(16) };
    const keys = platform
      .keystream(seeds.keys)
      .next(16 * count)
      .slice();
    const choices = platform.keystream(seeds.choices).next(Math.ceil(count / 8));
    const macs = new Uint8Array(16 * count);
    for (let i = 0; i < count; i++) {
      keys[16 * i]! &= 0xfe;
      const bit = (choices[i >> 3]! >> (i & 7)) & 1;
      for (let j = 0; j < 16; j++) macs[16 * i + j] = keys[16 * i + j]! ^ (-bit & delta[j]!);
    }
    const kernel = new Kernel();
    const place = (blocks: Uint8Array) => {
      const pointer = kernel.allocate(blocks.length);
      kernel.write(pointer, blocks);
      return pointer;
    };
    const room = () => kernel.allocate(16 * roomFor(shape));
    const own = { sender: recordingRandom(25), receiver: recordingRandom(26) };
    const arrays = {
      sender: { base: place(keys), leaves: room() },
      receiver: { base: place(macs), leaves: room() },
    };
    const common = { kernel, name, shape };
    const sender = new SilentSender({
      ...common,
      random: own.sender.random,
      arrays: arrays.sender,
      delta: place(delta),
    });
    const receiver = new SilentReceiver({ ...common, random: own.receiver.random, arrays: arrays.receiver });
    const corrections = atOnce(sender.grow());
    const challenge = atOnce(receiver.challenge(corrections));
    const answer = atOnce(sender.answer(challenge));
    receiver.verify(answer);
    atOnce(sender.encode());
    atOnce(receiver.encode());
    const out = (side: 'sender' | 'receiver') => kernel.read(arrays[side].leaves, 16 * leavesOf(shape));
    return {
      sid: hex(name.sid),
      direction: name.direction,
      number: name.number,
      size: { d: shape.size.depth, k: shape.size.secretBits },
      trees: shape.trees,
      delta: hex(delta),
      base: { count, keys: hex(seeds.keys), choices: hex(seeds.choices) },
      nodes: hex(own.sender.drawn[0]!),
      corrections: hex(corrections.subarray(0, 16 * levelsOf(shape))),
      coins: hex(challenge.coins),
      noiseHash: hex(challenge.noiseHash),
      digest: hex(answer),
      keysSha256: digest(out('sender')),
      macsSha256: digest(out('receiver')),
    };
  },
};
