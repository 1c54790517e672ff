import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defineArbiter, proveOpened, readDispute } from '../../arbiter/index.ts';
import { loadSodium } from '../../crypto/sodium.ts';
import type { Home } from '../../desk/home.ts';
import type { Person } from '../../desk/person.ts';
import { negotiatePinned } from '../../desk/pinned.ts';
import type { Identity, LocalIdentity } from '../../documents/identity.ts';
import { arbiterClient } from '../../node/arbiter/client.ts';
import { fileCases } from '../../node/arbiter/file-cases.ts';
import { makeArbiterKey } from '../../node/arbiter/key-file.ts';
import { serveArbiter } from '../../node/arbiter/serve.ts';
import { fileHome } from '../../node/home/home.ts';
import { nodeNetwork } from '../../node/net/network.ts';
import type { FromPlayer, ToPlayer } from './player.ts';

const HOST = '127.0.0.1';

type Tell = (message: FromPlayer, sent?: () => void) => void;

/** The arbiter's process. It makes its own keys, and gets nothing but what comes to it over HTTP. */
export async function arbitrate(store: string, tell: Tell): Promise<void> {
  await loadSodium();
  const { identity, escrowKey, card } = await makeArbiterKey('https://arbiter.example');
  const arbiter = defineArbiter({ identity, escrowKey, store: await fileCases(store) });
  const { address } = await serveArbiter(arbiter, { host: HOST, port: 0 });
  tell({ kind: 'serving', card, at: `http://${HOST}:${address.port}` });
}

/**
 * A party under terms with an arbiter, at a desk with a home of its own in files. Ends with a proof of the outcome: that of the party that walks away as soon as it has
 * one, that of the other party once its desk has turned to the arbiter.
 */
export async function negotiateWithArbiter(
  identity: LocalIdentity,
  order: Extract<ToPlayer, { kind: 'enterWithArbiter' }>,
  { tell, port }: { readonly tell: Tell; readonly port: () => Promise<number> },
): Promise<void> {
  const { terms, mandate, role, listens, timeout, arbiter, walksAway } = order;
  const files = fileHome({ folder: order.home, agreement: join(order.home, 'agreement.json') });
  await files.keepIdentity(identity);
  let proof: string | undefined;
  const person: Person = {
    told(event) {
      if (event.kind === 'listening') tell({ kind: 'listening', port: event.endpoint.port });
      else if (event.kind === 'connected') tell({ kind: 'progress', phase: 'connected' });
      else if (event.kind === 'phase') tell({ kind: 'progress', phase: event.phase });
      else if (event.kind === 'disputeOpen') tell({ kind: 'complains', until: event.complainBy });
      else if (event.kind === 'outcomeProved') proof = event.place;
    },
  };
  const endpoint = { transport: 'tcp', host: HOST, path: '' } as const;
  try {
    await negotiatePinned({
      ...{ terms, role, mandate, person, timeout },
      home: walksAway ? leavingHome(files, identity, tell) : files,
      network: { ...nodeNetwork, arbiter: () => arbiterClient(arbiter, { configured: true }) },
      way: listens ? { listen: { ...endpoint, port: 0 } } : { dial: { ...endpoint, port: await port() } },
    });
  } catch (error) {
    if (proof === undefined) throw error;
  }
  if (proof === undefined) throw new Error('the other side did not walk away');
  tell({ kind: 'proved', proof: await readFile(proof) });
}

/**
 * A home whose owner ends the process as soon as its dispute file gives the outcome. That is when the other side has opened its mask, and before this side has
 * opened its own.
 */
function leavingHome(home: Home, identity: Identity, tell: Tell): Home {
  return {
    ...home,
    async records() {
      const records = await home.records();
      const disputes = records.disputes!;
      const keep: typeof disputes.keep = async (session, document) => {
        await disputes.keep(session, document);
        const proved = await proveOpened({ dispute: readDispute(document), identity });
        if (proved === undefined) return;
        tell({ kind: 'proved', proof: proved.proof }, () => process.exit());
        await new Promise(() => undefined);
      };
      return { ...records, disputes: { ...disputes, keep } };
    },
  };
}
