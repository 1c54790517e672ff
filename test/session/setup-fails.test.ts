import { afterEach, expect, test, vi } from 'vitest';
import { Kernel } from '../../src/crypto/kernel.ts';
import { seededRandom } from '../../src/crypto/random.ts';
import type { Link } from '../../src/link/link.ts';
import { BaseOtReceiver, CotSender } from '../../src/ot/index.ts';
import { acceptEarly, makeEarly, openEngineSource } from '../../src/session/engines.ts';

const broken: Link = {
  send: () => Promise.reject(new Error('broken')),
  receive: () => Promise.reject(new Error('broken')),
};

afterEach(() => vi.restoreAllMocks());

test.each([
  ['malicious', BaseOtReceiver, 'clear'],
  ['semi-honest', CotSender, 'close'],
] as const)('a %s setup that cannot be sent lets go of its secrets', async (security, holder, forget) => {
  const forgotten = vi.spyOn(holder.prototype as unknown as Record<typeof forget, () => void>, forget);
  const random = seededRandom(new Uint8Array(16).fill(3));
  const context = new Uint8Array(32).fill(4);
  const { bytes } = makeEarly(random, context);
  const opening = openEngineSource({
    security,
    initiator: true,
    link: broken,
    kernel: new Kernel(),
    random,
    sessionId: new Uint8Array(32).fill(5),
    early: acceptEarly(bytes, context),
  });
  await expect(opening).rejects.toThrow('broken');
  expect(forgotten).toHaveBeenCalled();
});
