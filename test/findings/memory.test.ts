import { expect, onTestFinished, test, vi } from 'vitest';
import { generateIdentity, memoryChannelPair, openSession } from '../../src/index.ts';
import { codes } from '../support/sessions.ts';

// Runs in a process of its own: earlier sessions would leave memories to take.
test('B15: memory that cannot be had is a typed error, and the channel is gone', async () => {
  const [left, right] = memoryChannelPair();
  const memory = vi.spyOn(WebAssembly, 'Memory').mockImplementation(() => {
    throw new RangeError('WebAssembly.Memory(): could not allocate memory');
  });
  onTestFinished(() => memory.mockRestore());
  const pair = [left, right].map((channel) =>
    openSession({ channel, identity: generateIdentity(), timeout: 1_000 }),
  );
  expect(await codes(pair)).toContain('ERR_OUT_OF_MEMORY');
  memory.mockRestore();
  await expect(left.send(new Uint8Array(1))).rejects.toBeDefined();
});
