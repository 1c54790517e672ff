import { multiply, multiplyBase, pointFromHash, randomScalar, type Scalar } from '../../src/crypto/group.ts';
import { GroupBatch } from '../../src/crypto/group-batch.ts';
import { systemRandom } from '../../src/crypto/random.ts';
import { BASE_OTS } from '../../src/ot/base/index.ts';
import { BaseOtReceiver, BaseOtSender } from '../../src/ot/index.ts';
import type { Subject } from './measure.ts';

/** Secret scalars and elements in ristretto255, and base OT at both parties. */
export function group(): Subject[] {
  return [...scalars(), ...elements(), ...baseOts()];
}

const ONE = Uint8Array.of(1, ...new Uint8Array(31)) as Scalar;

/** Multiplications by the scalar 1, all of whose digits but one are zero, and by uniform scalars. */
function scalars(): Subject[] {
  const batch = new GroupBatch();
  const point = pointFromHash(systemRandom(64));
  const pair = batch.allocate(1);
  const target = batch.allocate(1);
  const tables = batch.tables(point);
  const input = new Uint8Array(64);
  let secret: Scalar = ONE;
  const subject = (id: string, run: () => void, load: () => void = () => {}): Subject => ({
    id,
    samples: 10_000,
    input,
    fixed: Uint8Array.of(1, ...new Uint8Array(63)),
    load() {
      secret = randomScalar(() => input.slice());
      load();
    },
    run,
  });
  const use = () => batch.use(secret, secret);
  return [
    subject(
      'group.multiply',
      () => batch.multiply(target, pair),
      () => {
        batch.decode(pair, point, point);
        use();
      },
    ),
    subject('group.multiplyFixed', () => batch.multiplyFixed(target, tables), use),
    subject('group.libsodium.multiply', () => multiply(secret, point)),
    subject('group.libsodium.multiplyBase', () => multiplyBase(secret)),
  ];
}

/** What is done to secret elements: mapped to from 64 bytes, added, encoded. */
function elements(): Subject[] {
  const batch = new GroupBatch();
  const pair = batch.allocate(1);
  const other = batch.allocate(1);
  const target = batch.allocate(1);
  batch.map(other, systemRandom(64), systemRandom(64));
  const input = new Uint8Array(128);
  const fixed = systemRandom(128);
  const subject = (id: string, samples: number, run: () => void): Subject => ({
    id,
    samples,
    input,
    fixed,
    load: () => batch.map(pair, input.subarray(0, 64), input.subarray(64)),
    run,
  });
  return [
    subject('group.map', 20_000, () => batch.map(pair, input.subarray(0, 64), input.subarray(64))),
    subject('group.subtract', 20_000, () => batch.subtract(target, other, pair)),
    subject('group.encode', 10_000, () => batch.encodeDoubles(pair, 1)),
  ];
}

function baseOts(): Subject[] {
  const sid = systemRandom(32);
  const sender = new BaseOtSender(systemRandom, sid);
  const choices = new Uint8Array(BASE_OTS / 8);
  const receiver = () => new BaseOtReceiver(systemRandom, sid, choices, sender.point);
  let chosen = receiver();
  const points = chosen.message;
  const scalar = new Uint8Array(64);
  let multiplier = sender;
  return [
    {
      id: 'baseot.receiver.message',
      samples: 1_000,
      input: choices,
      fixed: new Uint8Array(choices.length),
      run: () => receiver().clear(),
    },
    {
      id: 'baseot.receiver.keys',
      samples: 1_000,
      input: choices,
      fixed: new Uint8Array(choices.length),
      load() {
        chosen = receiver();
      },
      run: () => chosen.keys(),
    },
    {
      id: 'baseot.sender.keys',
      samples: 1_000,
      input: scalar,
      fixed: Uint8Array.of(2, ...new Uint8Array(63)),
      load() {
        multiplier = new BaseOtSender(() => scalar.slice(), sid);
      },
      run: () => multiplier.keys(points),
    },
  ];
}
