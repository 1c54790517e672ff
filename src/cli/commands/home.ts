import { InputError } from '../../errors.ts';
import type { Contents } from '../../node/home/backup/archive.ts';
import { backUp, refuseHome, restore } from '../../node/home/backup/backup.ts';
import { refuseExisting } from '../../node/home/files.ts';
import { homeFolder } from '../../node/home/home.ts';
import { type Removal, removeHome, whatToRemove } from '../../node/home/remove.ts';
import { commandName } from '../terminal/command-name.ts';
import { usageError } from '../terminal/failure.ts';
import { askNewPassphrase, askPassphrase, pipedPassphrase } from '../terminal/passphrase.ts';
import { shownPath } from '../terminal/paths.ts';
import { canAsk } from '../terminal/prompt.ts';
import { Questions } from '../terminal/questions.ts';
import { restorationText } from '../terminal/restoration.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

interface JsonFlag {
  readonly json?: boolean;
}

/** `parley home backup FILE`: all of the home in one file, under a passphrase of its own. */
export async function backupHome(path: string, { json }: JsonFlag, signal: AbortSignal): Promise<void> {
  const home = homeFolder();
  await refuseExisting(path);
  const passphrase = canAsk() ? await askNewPassphrase('the backup', signal) : await pipedPassphrase(signal);
  const contents = await backUp(home, path, passphrase, signal);
  if (json === true) printJson({ backup: path, home, ...contents });
  say(`${countOf(contents)} of ${shownPath(home)} are in ${path}, as of ${contents.made}`);
  say('without its passphrase nobody can use it, and you cannot either');
  say('agreements that you saved elsewhere are not in it');
}

/** `parley home restore FILE`: restores a backup where there is no home yet. */
export async function restoreHome(path: string, { json }: JsonFlag, signal: AbortSignal): Promise<void> {
  const home = homeFolder();
  await refuseHome(home);
  const { restored, leftovers, ...contents } = await restoreWithPassphrase(path, home, signal);
  if (json === true)
    printJson({ home, backup: path, restored, ...contents, ...(leftovers.length > 0 && { leftovers }) });
  say(`${countOf(contents)} are back in ${shownPath(home)}, as of ${contents.made}`);
  say(style('yellow', restorationText({ made: contents.made, restored })));
  for (const one of leftovers)
    say(style('yellow', `a restore that was cut off has left your secrets in ${one}: remove it`));
  say(
    `a peer of that time could be given another answer to the same question; ${commandName()} ledger shows what is known`,
  );
}

/** Restores a backup. The person is asked for its passphrase until it is right. */
async function restoreWithPassphrase(
  path: string,
  home: string,
  signal: AbortSignal,
): ReturnType<typeof restore> {
  if (!canAsk()) return restore(path, home, await pipedPassphrase(signal), signal);
  for (let refused: unknown; ; ) {
    try {
      const passphrase = await askPassphrase({ place: path, refused, signal });
      return await restore(path, home, passphrase, signal);
    } catch (error) {
      if (!(error instanceof InputError && error.code === 'ERR_PASSPHRASE')) throw error;
      refused = error;
    }
  }
}

/** `parley home remove`: deletes identity, seal key, ledger and known peers, once the person has confirmed by typing. */
export async function removeOwnHome(
  { yes = false, json }: JsonFlag & { readonly yes?: boolean },
  signal: AbortSignal,
): Promise<void> {
  const home = homeFolder();
  const found = await whatToRemove(home);
  sayDisputes(found);
  if (!yes) await confirm(home, found, signal);
  const { files, left, linked } = await removeHome(home);
  if (json === true) printJson({ home, removed: files.length, left, ...(linked.length > 0 && { linked }) });
  say(`removed ${files.length} files of ${shownPath(home)}`);
  if (left.length > 0) say(`left what is not Parley’s: ${left.join(', ')}`);
  sayLinked(linked);
}

/** Tells the person about the targets of links, which are elsewhere and are not deleted. */
function sayLinked(linked: Removal['linked']): void {
  for (const place of linked) say(style('yellow', `a link leads to ${place}: that stays, whatever is in it`));
}

/** Tells the person what else is lost while a dispute is open. */
function sayDisputes({ files }: Removal): void {
  const open = files.filter(({ name }) => name.endsWith('.dispute.json')).length;
  if (open === 0) return;
  const what =
    open === 1 ? 'a dispute is open: without its file' : `${open} disputes are open: without their files`;
  say(style('yellow', `${what} you cannot turn to the arbiter; ${commandName()} ledger shows them`));
}

async function confirm(home: string, { files, linked }: Removal, signal: AbortSignal): Promise<void> {
  if (!canAsk()) throw usageError('nobody can be asked whether to remove the home', 'add --yes');
  say(style(['bold', 'red'], `This removes ${files.length} files in ${home}, for good:`));
  say('your identity; your seal key, without which your seals can never be opened;');
  say('the ledger, with every attempt and every caught cheat; the names of your peers.');
  say(`${commandName()} home backup FILE keeps them.`);
  sayLinked(linked);
  const questions = new Questions(signal);
  try {
    await questions.ask('Type remove to go on:', (typed) => {
      if (typed === 'remove') return;
      throw new InputError('ERR_USAGE', 'that is not the word', { hint: 'type remove, or press Ctrl-C' });
    });
  } finally {
    questions.close();
  }
}

function countOf({ files, bytes }: Contents): string {
  return `${files} files, ${bytes.toLocaleString('en')} bytes`;
}
