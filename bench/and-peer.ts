// One of the two processes of a streamed run in and.ts: `ANDS evaluator`, which listens and reports its port, or `ANDS garbler PORT`.
import { generateKeyPairSync, sign } from 'node:crypto';
import { decodePublicKey } from '../src/crypto/ed25519.ts';
import { Kernel, kernelsReady } from '../src/crypto/kernel.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { cryptoReady } from '../src/crypto/ready.ts';
import type { Engine } from '../src/engine/engine.ts';
import { YaoEvaluator } from '../src/engine/yao-evaluator.ts';
import { YaoGarbler } from '../src/engine/yao-garbler.ts';
import { openLabelReceiver, openLabelSender } from '../src/garbling/half-gates/inputs.ts';
import { type HandshakeOptions, handshake } from '../src/link/handshake.ts';
import { SecureLink } from '../src/link/secure-link.ts';
import { connect, listen } from '../src/node/net/tcp.ts';
import { BaseOtSender } from '../src/ot/index.ts';
import type { StreamedReport } from './and.ts';
import { multiplier } from './circuits.ts';

const [ands, role, port] = process.argv.slice(2);
await cryptoReady();
const random = systemRandom;
await kernelsReady();
const kernel = new Kernel();
const circuit = multiplier();
const copies = Math.ceil(Number(ands) / circuit.ands);

if (role === 'garbler') await garble(Number(port));
else await evaluate();

async function garble(port: number): Promise<void> {
  const channel = await connect({ host: '127.0.0.1', port });
  const { link, sid, early, context } = await secure({ channel, initiator: true });
  const ot = await openLabelSender({ link, kernel, random, sid, baseSid: context, point: early });
  const engine = new YaoGarbler({ link, kernel, random, party: 'a', sessionId: sid, ot });
  await measure(engine, link);
}

async function evaluate(): Promise<void> {
  const listener = await listen({ host: '127.0.0.1', port: 0 });
  process.send!(listener.address.port);
  const channel = (await listener.accept())!;
  await listener.close();
  let baseOt: BaseOtSender | undefined;
  const early = (context: Uint8Array) => {
    baseOt = new BaseOtSender(random, context);
    return baseOt.point;
  };
  const { link, sid } = await secure({ channel, initiator: false, early });
  const ot = await openLabelReceiver({ link, kernel, random, sid, baseOt: baseOt! });
  const engine = new YaoEvaluator({ link, kernel, random, party: 'b', sessionId: sid, ot });
  await measure(engine, link);
}

async function secure(options: Pick<HandshakeOptions, 'channel' | 'initiator' | 'early'>) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const identity = {
    publicKey: decodePublicKey(Buffer.from(publicKey.export({ format: 'jwk' }).x!, 'base64url')),
    sign: (bytes: Uint8Array) => new Uint8Array(sign(null, bytes, privateKey)),
  };
  const handshaken = await handshake({ ...options, identity, timeout: 10_000 });
  const { channel, initiator } = options;
  const link = new SecureLink({ channel, initiator, handshaken, timeout: 30_000, wait: 60_000 });
  return { ...handshaken, link, sid: handshaken.sessionId };
}

/** A product of a number of each party's, first a few copies, then ten million ANDs' worth, and the last product opened. */
async function measure(engine: Engine, link: SecureLink): Promise<void> {
  const number = Uint8Array.from({ length: 32 }, (_, i) => i & 1);
  const x = engine.input('a', 32, engine.party === 'a' ? number : undefined);
  const y = engine.input('b', 32, engine.party === 'b' ? number : undefined);
  await engine.reveal(engine.slice(engine.apply(circuit, [x, y], 100), 0, 64), 'both');
  const before = link.stats.sent;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const products = engine.apply(circuit, [x, y], copies);
  const last = await engine.reveal(engine.slice(products, products.width - 64), 'both');
  const seconds = (performance.now() - start) / 1000;
  const used = process.cpuUsage(cpu);
  const bytes = link.stats.sent - before;
  const value = last!.reduce((sum, bit, i) => sum + (BigInt(bit) << BigInt(i)), 0n);
  if (value !== 0xaaaa_aaaan ** 2n) throw new Error('a wrong product');
  const report: StreamedReport = {
    seconds,
    ands: circuit.ands * copies,
    bytes,
    cpuSeconds: (used.user + used.system) / 1e6,
    maxRssMiB: process.resourceUsage().maxRSS / 1024,
  };
  engine.close();
  kernel.destroy();
  await link.close();
  await new Promise((resolve) => process.send!(report, resolve));
  process.disconnect();
}
