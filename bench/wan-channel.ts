import { setTimeout as sleep } from 'node:timers/promises';
import type { Channel } from '../src/link/channel.ts';

/** A simulated wide-area network. */
export interface Wan {
  /** Milliseconds from a send to the arrival, in each direction. */
  readonly delay: number;
  /** Bytes per second in each direction; unlimited if undefined. */
  readonly bandwidth?: number;
}

/** A channel on which everything arrives late: by `delay`, and by the time that its bytes take at `bandwidth`. */
export function delayed(channel: Channel, { delay, bandwidth }: Wan): Channel {
  const arrivals: { readonly at: number; readonly chunk: Uint8Array | undefined }[] = [];
  let wake: (() => void) | undefined;
  let failure: unknown;
  let free = 0;
  const read = async () => {
    for (;;) {
      const chunk = await channel.receive();
      const now = performance.now();
      free =
        Math.max(free, now) +
        (bandwidth === undefined || chunk === undefined ? 0 : (chunk.length / bandwidth) * 1000);
      arrivals.push({ at: free + delay, chunk: chunk?.slice() });
      wake?.();
      if (chunk === undefined) return;
    }
  };
  read().catch((error: unknown) => {
    failure = error;
    wake?.();
  });
  return {
    send: (bytes) => channel.send(bytes),
    close: () => channel.close(),
    destroy: () => channel.destroy(),
    async receive() {
      while (arrivals.length === 0) {
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      const { at, chunk } = arrivals.shift()!;
      const left = at - performance.now();
      if (left > 0) await sleep(left);
      return chunk;
    },
  };
}
