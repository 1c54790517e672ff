import { generateIdentity } from '../../documents/identity.ts';
import { memoryDisputes } from '../../ledger/index.ts';
import type { Channel } from '../../link/channel.ts';
import { connect, listen } from '../../node/net/tcp.ts';
import { openSession } from '../../session/index.ts';
import { createSealKey } from '../../session/seal-key.ts';
import { openAgreement } from '../../verify/openings.ts';
import { describeFailure } from '../terminal/failure.ts';
import { type FromPlayer, machineTime, maxRssMiB, type ToPlayer } from './player.ts';

const HOST = '127.0.0.1';

const inbox: ToPlayer[] = [];
let wake: (() => void) | undefined;
process.on('message', (message) => {
  inbox.push(message as ToPlayer);
  wake?.();
});
process.on('disconnect', () => process.exit());
// Ctrl-C reaches the whole process group; the parent decides.
process.on('SIGINT', () => undefined);

try {
  await play();
} catch (error) {
  if (process.env.PARLEY_DEBUG === '1') console.error(error);
  tell({ kind: 'failed', failure: describeFailure(error) });
}

async function play(): Promise<void> {
  const identity = generateIdentity();
  tell({ kind: 'identity', publicKey: identity.publicKey });
  const order = await next('enter', 'arbitrate', 'enterWithArbiter');
  if (order.kind !== 'enter') {
    const { arbitrate, negotiateWithArbiter } = await import('./walkaway-player.ts');
    if (order.kind === 'arbitrate') return arbitrate(order.store, tell);
    return negotiateWithArbiter(identity, order, { tell, port: async () => (await next('connect')).port });
  }
  const { terms, mandate, role, listens, timeout, opens, logs, delegation } = order;
  const channel = listens ? await accept() : await dial();
  const sealKey = terms.seals === 'none' ? undefined : await createSealKey(identity.publicKey);
  tell({ kind: 'connected' });
  await next('go');

  const startedAt = machineTime();
  let setUpAt = startedAt;
  const session = await openSession({
    channel,
    identity,
    timeout,
    sealKey,
    delegation,
    disputes: memoryDisputes(),
    ...(logs && { log: (line) => tell({ kind: 'log', line }) }),
  });
  tell({ kind: 'progress', phase: 'connected' });
  const result = await session.negotiate({
    terms,
    mandate,
    role,
    timeout,
    onProgress: (phase) => {
      if (phase === 'terms-agreed') setUpAt = machineTime();
      tell({ kind: 'progress', phase });
    },
  });
  const endedAt = machineTime();
  await session.close();
  const { ands, bytes, flights } = result.stats;
  const { outcome, agreement } = result;
  const opening =
    opens && sealKey !== undefined
      ? await openAgreement(agreement, { identity: identity.publicKey, sealKey })
      : undefined;
  const times = { startedAt, setUpAt, endedAt };
  tell({
    kind: 'done',
    result: { outcome, agreement, opening, ands, ...bytes, flights, ...times, maxRssMiB: maxRssMiB() },
  });
}

async function accept(): Promise<Channel> {
  const listener = await listen({ host: HOST, port: 0 });
  tell({ kind: 'listening', port: listener.address.port });
  const channel = await listener.accept();
  await listener.close();
  if (channel === undefined) throw new Error('nobody connected');
  return channel;
}

async function dial(): Promise<Channel> {
  const { port } = await next('connect');
  return connect({ host: HOST, port });
}

async function next<Kind extends ToPlayer['kind']>(
  ...kinds: Kind[]
): Promise<Extract<ToPlayer, { kind: Kind }>> {
  for (;;) {
    const message = inbox.shift();
    if (message !== undefined) {
      if ((kinds as string[]).includes(message.kind)) return message as Extract<ToPlayer, { kind: Kind }>;
      throw new Error(`${message.kind} instead of ${kinds.join(' or ')}`);
    }
    await new Promise<void>((resolve) => {
      wake = resolve;
    });
  }
}

/** Sends a message to the parent. `sent` is called once it has left. */
function tell(message: FromPlayer, sent?: () => void): void {
  process.send?.(message, () => sent?.());
}
