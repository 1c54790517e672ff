import { describe, expect, test } from 'vitest';
import { Turns } from '../../src/crypto/turns.ts';

/** Turns by a clock that is set by hand; `round` lets the runtime handle what is due. */
function setting() {
  let time = 0;
  let waiting: (() => void)[] = [];
  const turns = new Turns({
    now: () => time,
    nextTurn: () => new Promise((resolve) => waiting.push(resolve)),
  });
  const done: string[] = [];
  return {
    turns,
    done,
    /** Asks for a turn, and computes for some milliseconds once it has come. */
    compute: async (name: string, milliseconds = 1) => {
      const due = turns.next();
      if (due !== undefined) await due;
      time += milliseconds;
      done.push(name);
    },
    round: async () => {
      const due = waiting;
      waiting = [];
      for (const resolve of due) resolve();
      await new Promise((resolve) => setImmediate(resolve));
    },
  };
}

describe('turns at computing', () => {
  test('come at once while nobody has computed for long', () => {
    const { compute, done, turns } = setting();
    for (let i = 0; i < 10; i++) void compute(`${i}`);
    expect(done).toHaveLength(10);
    expect(turns.contended).toBe(false);
  });

  test('come one after another in the order in which they were asked for, with a round of the runtime between them', async () => {
    const { compute, done, round, turns } = setting();
    void compute('long', 20);
    for (const name of ['first', 'second', 'third']) void compute(name);
    expect(done).toEqual(['long']);
    expect(turns.contended).toBe(true);
    await round();
    expect(done).toEqual(['long', 'first']);
    void compute('late');
    await round();
    await round();
    expect(done).toEqual(['long', 'first', 'second', 'third']);
    await round();
    expect(done).toEqual(['long', 'first', 'second', 'third', 'late']);
    expect(turns.contended).toBe(false);
  });

  test('come round again and again for those who compute again and again', async () => {
    const { compute, done, round } = setting();
    const work = async (name: string) => {
      for (let i = 0; i < 3; i++) await compute(name, 30);
    };
    const all = Promise.all([work('a'), work('b'), work('c')]);
    for (let i = 0; i < 12; i++) await round();
    await all;
    expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('are held by nobody: who has had one and waits for something else keeps none from the others', async () => {
    const { compute, done, round } = setting();
    const forever = (async () => {
      await compute('waits for a peer', 30);
      await new Promise(() => undefined);
    })();
    void compute('other', 1);
    await round();
    expect(done).toEqual(['waits for a peer', 'other']);
    void forever;
  });

  test('come after one round, and then at once, to who has the thread alone and asks late', async () => {
    const { compute, done, round, turns } = setting();
    void compute('long', 50);
    void compute('late');
    expect(done).toEqual(['long']);
    await round();
    for (let i = 0; i < 10; i++) void compute('again');
    expect(done).toHaveLength(12);
    expect(turns.contended).toBe(false);
  });
});
