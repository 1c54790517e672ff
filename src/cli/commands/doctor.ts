import { stat } from 'node:fs/promises';
import { isMissing } from '../../node/home/files.ts';
import { identityFile, ledgerFolder } from '../../node/home/home.ts';
import { fileLedger } from '../../node/store/index.ts';
import { describeFailure, exitCodes, failureLine } from '../terminal/failure.ts';
import { printJson, say, style } from '../terminal/terminal.ts';
import { disputesIn, sayDispute } from './open-disputes.ts';

/** Something that was looked at. */
interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly text: string;
}

/**
 * `parley doctor [--identity KEY] [--ledger FOLDER] [--json]`: whether identity and ledger are as they should be, and what is left to do. Changes nothing. Returns the
 * exit code: 0 if there is nothing to do.
 */
export async function doctor(flags: {
  readonly identity?: string;
  readonly ledger?: string;
  readonly json?: boolean;
}): Promise<number> {
  const identity = identityFile(flags.identity);
  const folder = flags.ledger ?? ledgerFolder(identity);
  const checks = [await lookAtIdentity(identity), await lookAtLedger(folder)];
  const { open: disputes, damaged } = await disputesIn(folder);
  for (const { file, why } of damaged) {
    checks.push({ check: 'dispute', ok: false, text: `${file} cannot be read (${why})` });
  }
  if (flags.json === true) printJson({ checks, disputes });
  for (const { check, ok, text } of checks) {
    say(`${ok ? style('green', 'ok') : style('yellow', '!!')}  ${check.padEnd(9)} ${text}`);
  }
  for (const dispute of disputes) sayDispute(dispute);
  const well = checks.every(({ ok }) => ok) && disputes.length === 0;
  if (well) say('nothing is left to do');
  return well ? exitCodes.done : exitCodes.failed;
}

async function lookAtIdentity(path: string): Promise<Finding> {
  const check = 'identity';
  if (await isMissing(path))
    return { check, ok: true, text: `none yet in ${path}; one is made at first use` };
  const { mode } = await stat(path);
  const open = process.platform !== 'win32' && (mode & 0o077) !== 0;
  return open
    ? { check, ok: false, text: `others can read ${path}: run chmod 600 on it` }
    : { check, ok: true, text: path };
}

async function lookAtLedger(folder: string): Promise<Finding> {
  const check = 'ledger';
  if (await isMissing(folder)) return { check, ok: true, text: `none yet in ${folder}` };
  try {
    const peers = await (await fileLedger(folder)).list();
    const many = `${peers.length} ${peers.length === 1 ? 'peer' : 'peers'}`;
    return { check, ok: true, text: `whole, with records of ${many}, in ${folder}` };
  } catch (error) {
    return { check, ok: false, text: failureLine(describeFailure(error)) };
  }
}
