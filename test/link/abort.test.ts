import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors.ts';
import { message } from '../../src/link/message.ts';
import { secureLinks, tcpChannelPair } from '../support/channels.ts';

const bulk = message(0x7f, 'test.bulk', () => ({ bytes: 1 << 20 }));

// What has arrived and was not read makes a dropped TCP connection reset, which takes back what was sent last.
test('an abort arrives although the side that sends it drops the connection at once', async () => {
  for (let run = 0; run < 5; run++) {
    const [left, right] = await secureLinks({ channels: await tcpChannelPair() });
    const sending = Promise.allSettled(
      Array.from({ length: 12 }, () => right.send(bulk, undefined, { bytes: new Uint8Array(1 << 20) })),
    );
    await sleep(50);
    left.abort(new ParleyError('ERR_CANCELLED', 'enough'));
    left.destroy();
    await expect(right.receive(bulk, undefined)).rejects.toMatchObject({ code: 'ERR_PEER_ABORTED' });
    await sending;
    right.destroy();
  }
});
