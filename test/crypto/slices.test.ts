import { expect, test } from 'vitest';
import { atOnce, inBackground, inTurns, type Slices } from '../../src/crypto/slices.ts';

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

test('work in slices gives its value, at once, in turns and in the background, and ends once', async () => {
  for (const run of [atOnce, inTurns, inBackground]) {
    const secret = secretOf();
    expect(await run(work(secret, 100))).toBe('done');
    expect(secret).toEqual(zeroes);
  }
});

/** Runs work that would never end, and aborts it once it has begun. Gives its secret. */
async function aborted(
  run: typeof inTurns,
  wrap: (slices: Slices<string>) => Slices<string>,
): Promise<Uint8Array> {
  const secret = secretOf();
  const leaving = new AbortController();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const running = run(wrap(work(secret, Number.POSITIVE_INFINITY, begin)), leaving.signal);
  const ended = expect(running).rejects.toThrow('enough');
  await begun;
  expect(secret).toEqual(secretOf());
  leaving.abort(new Error('enough'));
  await ended;
  return secret;
}

const runs = [
  ['in turns', inTurns],
  ['in the background', inBackground],
] as const;

test.each(runs)('work that is aborted between slices still zeroes its secrets, %s', async (_, run) => {
  expect(await aborted(run, (slices) => slices)).toEqual(zeroes);
});

test.each(runs)('so does work inside it, %s', async (_, run) => {
  const outer = function* (slices: Slices<string>): Slices<string> {
    return yield* slices;
  };
  expect(await aborted(run, outer)).toEqual(zeroes);
});

test('work in the background lets the runtime go on after each millisecond', async () => {
  const [SLICES, SLICE] = [40, 0.2];
  let [inTurn, most] = [0, 0];
  const busy = function* (): Slices<number> {
    for (let i = 0; i < SLICES; i += 1) {
      inTurn += 1;
      most = Math.max(most, inTurn);
      for (const end = performance.now() + SLICE; performance.now() < end; );
      yield;
    }
    return SLICES;
  };
  let over = false;
  const work = inBackground(busy()).finally(() => {
    over = true;
  });
  let turns = 0;
  while (!over) {
    inTurn = 0;
    await new Promise((resolve) => setImmediate(resolve));
    turns += 1;
  }
  expect(await work).toBe(SLICES);
  expect(most).toBeLessThanOrEqual(Math.ceil(1 / SLICE));
  expect(turns).toBeGreaterThanOrEqual(SLICES / Math.ceil(1 / SLICE));
});

test('work in the background begins in a turn of its own', async () => {
  let begun = false;
  const running = inBackground(
    work(secretOf(), 1, () => {
      begun = true;
    }),
  );
  expect(begun).toBe(false);
  await Promise.resolve();
  expect(begun).toBe(false);
  await running;
  expect(begun).toBe(true);
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
