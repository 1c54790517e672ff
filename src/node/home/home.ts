import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';
import { say } from '../../cli/terminal/terminal.ts';
import { fingerprint, generateIdentity, type LocalIdentity } from '../../documents/identity.ts';
import { isMissing, readIdentity, shownPath, writeNew } from './files.ts';

/** The folder for the person's own things: `PARLEY_HOME`, or the platform's folder for configuration. */
export function homeFolder(): string {
  const { PARLEY_HOME } = process.env;
  return PARLEY_HOME === undefined || PARLEY_HOME === ''
    ? envPaths('parley', { suffix: '' }).config
    : PARLEY_HOME;
}

/** The file of the identity that is used where none is named. */
export function homeIdentity(): string {
  return join(homeFolder(), 'identity.json');
}

/** The identity in `path`, or the person's own, which is made if there is none yet. */
export async function findIdentity(
  path: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly path: string; readonly identity: LocalIdentity }> {
  const file = path ?? homeIdentity();
  if (path === undefined && (await isMissing(file))) {
    await mkdir(homeFolder(), { recursive: true, mode: 0o700 });
    const identity = generateIdentity();
    await writeNew(file, `${JSON.stringify(identity.exportPrivate())}\n`, 0o600);
    say(`made an identity for you, ${shownPath(file)}: keep it to yourself`);
    say(`your fingerprint is ${await fingerprint(identity.publicKey)}`);
    return { path: file, identity };
  }
  return { path: file, identity: await readIdentity(file, signal) };
}
