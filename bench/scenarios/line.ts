// What the simulated link does by itself: how long one byte takes there and back, and how fast many come through.
import type { Channel } from '../../src/link/channel.ts';
import type { Peer } from '../peer.ts';
import { overWan, type Wan } from '../wan-channel.ts';

export interface LineOptions {
  readonly wan: Wan;
  readonly echoes: number;
  readonly bytes: number;
}

/** Figures of the right side: milliseconds of each byte's way there and back, and bytes a second. */
export interface LineResult {
  readonly echoMs: number[];
  readonly perSecond: number;
}

/** Bytes of each call of `send`: a large record's. */
const CHUNK = 262_144;

export async function play({ side, options, channel }: Peer<LineOptions>): Promise<LineResult> {
  const { wan, echoes, bytes } = options;
  const through = overWan(await channel(), wan);
  const echoMs: number[] = [];
  for (let i = 0; i < echoes; i += 1) {
    const start = performance.now();
    if (side === 'right') await through.send(Uint8Array.of(1));
    await through.receive();
    if (side === 'left') await through.send(Uint8Array.of(1));
    echoMs.push(performance.now() - start);
  }
  const flood = async () => {
    for (let sent = 0; sent < bytes; sent += CHUNK) {
      await through.send(new Uint8Array(Math.min(CHUNK, bytes - sent)));
    }
  };
  const [perSecond] = await Promise.all([rate(through, bytes), flood()]);
  await through.close();
  return { echoMs, perSecond };
}

/** From the first of the bytes to the last, which both sides send at the same time. */
async function rate(channel: Channel, bytes: number): Promise<number> {
  const first = (await channel.receive())!.length;
  const start = performance.now();
  for (let received = first; received < bytes; received += (await channel.receive())!.length);
  return ((bytes - first) / (performance.now() - start)) * 1000;
}
