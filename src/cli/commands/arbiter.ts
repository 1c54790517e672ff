import { defineArbiter } from '../../arbiter/index.ts';
import { isAddress } from '../../documents/address.ts';
import { arbiterFingerprint } from '../../documents/arbiter-card.ts';
import { isEngagement } from '../../documents/engagement.ts';
import { isVoid } from '../../documents/void.ts';
import { fileCases } from '../../node/arbiter/file-cases.ts';
import { makeArbiterKey, readArbiterKey, writeArbiterKey } from '../../node/arbiter/key-file.ts';
import { serveArbiter } from '../../node/arbiter/serve.ts';
import { readBytes, refuseExisting, writeNew } from '../../node/home/files.ts';
import { commandName } from '../terminal/command-name.ts';
import { describeFailure, exitCodes, failureLine, usageError } from '../terminal/failure.ts';
import { parseAddress } from '../terminal/flags.ts';
import { printJson, say } from '../terminal/terminal.ts';

/** `parley arbiter init --out KEY [--at URL]`: the card goes to stdout. */
export async function initArbiter({
  out,
  at,
}: {
  readonly out: string;
  readonly at?: string;
}): Promise<void> {
  if (at !== undefined && !isAddress(at)) {
    throw usageError(
      `--at ${at} is not an address for a card`,
      'write one like https://arbiter.example/parley',
    );
  }
  await refuseExisting(out);
  const made = await makeArbiterKey(at);
  await writeArbiterKey(out, made);
  say(`the arbiter's keys are in ${out}: keep the file to yourself, and a copy of it`);
  const { identity, escrowKey, card } = made;
  say(`its fingerprint is ${arbiterFingerprint({ key: identity.publicKey, escrow: escrowKey.publicKey })}`);
  say('by it people know the card below, which is for whoever writes terms:');
  printJson(card);
}

/** `parley arbiter serve --key KEY --store FOLDER [--listen HOST:PORT] [--behind-proxy]`: runs until it is stopped. */
export async function serve(
  flags: {
    readonly key: string;
    readonly store: string;
    readonly listen: string;
    readonly behindProxy?: boolean;
  },
  signal: AbortSignal,
): Promise<void> {
  const address = parseAddress(flags.listen, '--listen', '127.0.0.1');
  const { identity, escrowKey } = await readArbiterKey(flags.key);
  const store = await fileCases(flags.store);
  const arbiter = defineArbiter({ identity, escrowKey, store });
  const served = await serveArbiter(arbiter, {
    ...address,
    behindProxy: flags.behindProxy === true,
    onFailure: (error) => say(failureLine(describeFailure(error))),
  });
  const { host, port } = served.address;
  say(`answering complaints on http://${host.includes(':') ? `[${host}]` : host}:${port}`);
  if (flags.behindProxy !== true) {
    say(
      'without --behind-proxy all who come through a proxy count as one caller, and a few keep out the rest',
    );
  }
  say('put a proxy in front that ends TLS; Ctrl-C ends it');
  await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await served.close();
  throw signal.reason;
}

/** `parley arbiter answer COMPLAINT --key KEY --store FOLDER --out ANSWER [--json]`. Returns the exit code. */
export async function answer(
  path: string,
  flags: { readonly key: string; readonly store: string; readonly out: string; readonly json?: boolean },
): Promise<number> {
  const bytes = await readBytes(path, 'the complaint');
  await refuseExisting(flags.out);
  const { identity, escrowKey } = await readArbiterKey(flags.key);
  const arbiter = defineArbiter({ identity, escrowKey, store: await fileCases(flags.store) });
  const given = isEngagement(bytes) ? await arbiter.ask(bytes) : await arbiter.answer(bytes);
  if (given === undefined) {
    if (flags.json === true) printJson({ kind: 'pending' });
    say('too early to say: somebody may still complain in this case; ask again after its deadline');
    return exitCodes.pending;
  }
  await writeNew(flags.out, given, 0o644);
  const kind = isVoid(given) ? 'void' : 'resolved';
  if (flags.json === true) printJson({ kind, answer: flags.out });
  say(
    kind === 'void'
      ? `a void is in ${flags.out}: nothing was opened in this case, and never will be`
      : `the resolution is in ${flags.out}; both sides may have it`,
  );
  say(`a side reads it with ${commandName()} complain DISPUTE --answer ${flags.out}`);
  return kind === 'void' ? exitCodes.void : exitCodes.done;
}
