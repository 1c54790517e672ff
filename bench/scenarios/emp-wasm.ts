// The 192-AND deal circuit under emp-wasm (authenticated garbling compiled to WebAssembly), unencrypted loopback TCP.
import { BufferedIO, secureMPC } from 'emp-wasm';
import { bigintToBits, bitsToBigint } from '../../src/circuit/bits.ts';
import { toBristol } from '../../src/circuit/bristol.ts';
import type { Channel } from '../../src/link/channel.ts';
import { circuitOf } from '../circuits.ts';
import type { Peer } from '../peer.ts';
import { dealTerms } from './deal.ts';

export interface EmpOptions {
  readonly warmUps: number;
  readonly runs: number;
}

export async function play({ side, options, channel }: Peer<EmpOptions>): Promise<number[]> {
  const circuit = await circuitOf(dealTerms('malicious', 'none'));
  const [lines, widths] = [toBristol(circuit).split('\n'), circuit.inputs];
  // Its format has one line with the widths of two inputs and the output.
  const text = [lines[0], [...widths, circuit.outputWires.length].join(' '), '', ...lines.slice(3)].join(
    '\n',
  );
  const inputBits = bigintToBits(side === 'left' ? 41_000n : 52_000n, widths[0]!);
  const times: number[] = [];
  for (let run = 0; run < options.warmUps + options.runs; run += 1) {
    const through = await channel();
    const io = ioOver(through, side === 'left' ? 1 : 0);
    const start = performance.now();
    const output = await secureMPC({
      party: side === 'left' ? 0 : 1,
      size: 2,
      circuit: text,
      inputBits,
      inputBitsPerParty: [...widths],
      io,
    });
    if (run >= options.warmUps) times.push(performance.now() - start);
    if (output[0] !== 1 || bitsToBigint(output.slice(1)) !== 46_500n) throw new Error('a wrong outcome');
    await through.close();
  }
  return times;
}

/** Its two logical channels over one byte stream: a byte for the channel, four for the length, the data. */
function ioOver(through: Channel, other: number): BufferedIO {
  const io = new BufferedIO(other, (_to: number, name: string, data: Uint8Array) => {
    const frame = new Uint8Array(5 + data.length);
    frame[0] = name.charCodeAt(0);
    new DataView(frame.buffer).setUint32(1, data.length);
    frame.set(data, 5);
    through.send(frame).catch(() => undefined);
  });
  const read = async () => {
    let pending: Uint8Array = new Uint8Array();
    for (;;) {
      const chunk = await through.receive();
      if (chunk === undefined) return;
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 5) {
        const length = new DataView(pending.buffer, pending.byteOffset).getUint32(1);
        if (pending.length < 5 + length) break;
        io.accept(pending[0] === 97 ? 'a' : 'b', pending.slice(5, 5 + length));
        pending = pending.subarray(5 + length);
      }
    }
  };
  read().catch(() => undefined);
  return io;
}
