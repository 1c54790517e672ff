import { expect, test } from 'vitest';
import { atOnce, inTurns, type Slices } from '../../src/crypto/slices.ts';

/** Work on a secret that it zeroes at its end. It calls `begun` with its first slice. */
function* work(secret: Uint8Array, slices: number, begun = () => {}): Slices<string> {
  try {
    begun();
    for (let i = 0; i < slices; i += 1) yield;
    return 'done';
  } finally {
    secret.fill(0);
  }
}

const secretOf = () => Uint8Array.of(1, 2, 3);
const zeroes = Uint8Array.of(0, 0, 0);

test('work in slices gives its value, at once and in turns, and ends once', async () => {
  for (const run of [atOnce, inTurns]) {
    const secret = secretOf();
    expect(await run(work(secret, 100))).toBe('done');
    expect(secret).toEqual(zeroes);
  }
});

/** Runs work that would never end, and aborts it once it has begun. Gives its secret. */
async function aborted(wrap: (slices: Slices<string>) => Slices<string>): Promise<Uint8Array> {
  const secret = secretOf();
  const leaving = new AbortController();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const running = inTurns(wrap(work(secret, Number.POSITIVE_INFINITY, begin)), leaving.signal);
  const ended = expect(running).rejects.toThrow('enough');
  await begun;
  expect(secret).toEqual(secretOf());
  leaving.abort(new Error('enough'));
  await ended;
  return secret;
}

test('work that is aborted between slices still zeroes its secrets', async () => {
  expect(await aborted((slices) => slices)).toEqual(zeroes);
});

test('so does work inside it', async () => {
  const outer = function* (slices: Slices<string>): Slices<string> {
    return yield* slices;
  };
  expect(await aborted(outer)).toEqual(zeroes);
});

test('what work throws reaches the caller', async () => {
  const secret = secretOf();
  const faulty = function* (): Slices<void> {
    yield* work(secret, 3);
    throw new Error('a fault');
  };
  await expect(inTurns(faulty())).rejects.toThrow('a fault');
  expect(secret).toEqual(zeroes);
});
