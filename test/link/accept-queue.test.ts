import { expect, it } from 'vitest';
import { AcceptQueue } from '../../src/link/accept-queue.ts';
import { memoryChannelPair } from '../../src/link/memory.ts';

const channel = () => memoryChannelPair()[0];
const isDropped = (one: ReturnType<typeof channel>) =>
  one.send(Uint8Array.of(1)).then(
    () => false,
    () => true,
  );

it('gives connections in their order, to as many as ask, and drops what is too many', async () => {
  const queue = new AcceptQueue(2);
  const [one, two, three, four, five] = Array.from({ length: 5 }, channel);
  const asked = [queue.next(), queue.next()];
  queue.add(one!);
  queue.add(two!);
  expect(await Promise.all(asked)).toEqual([one, two]);
  for (const more of [three, four, five]) queue.add(more!);
  expect(queue.full).toBe(true);
  expect(await isDropped(five!)).toBe(true);
  expect(await queue.next()).toBe(three);
  expect(queue.full).toBe(false);
});

it('once it is closed, drops who waits and who comes, and ends who asks', async () => {
  const queue = new AcceptQueue();
  const [waiting, late] = [channel(), channel()];
  queue.add(waiting);
  queue.close();
  queue.add(late);
  expect(await Promise.all([waiting, late].map(isDropped))).toEqual([true, true]);
  expect(await queue.next()).toBeUndefined();
});

it('once it has failed, gives who has come before it throws', async () => {
  const queue = new AcceptQueue();
  const one = channel();
  queue.add(one);
  queue.fail(new Error('gone'));
  expect(await queue.next()).toBe(one);
  await expect(queue.next()).rejects.toThrowError('gone');
});
