import { dirname, join } from 'node:path';
import envPaths from 'env-paths';
import type { Home, LockedIdentity } from '../../desk/home.ts';
import { type Identity, importIdentity } from '../../documents/identity.ts';
import { InputError } from '../../errors.ts';
import { keepEngagementBeside, keepOutcomeBeside, reserveFile, reserveInFolder } from './agreements.ts';
import { isMissing, makeHomeFolder, readJson, writeNew } from './files.ts';
import { openPeerRecords } from './peer-records.ts';
import { filePeers } from './peers.ts';
import { readSealKey, writeSealKey } from './seal-key.ts';

export interface FileHomeOptions {
  /** The folder of the identity and the known peers. Default: `PARLEY_HOME`, or the platform's folder for configuration. */
  readonly folder?: string | undefined;
  /** The file of the identity; its seal key is beside it. Default: the folder's own, made when it is needed. */
  readonly identity?: string | undefined;
  /** The folder of the ledger. Default: beside the identity. */
  readonly ledger?: string | undefined;
  /** A new file for the agreement. Default: one named after its signature, in the working folder. */
  readonly agreement?: string | undefined;
  /** Whether agreements are kept at all. Default: yes. */
  readonly keepsAgreements?: boolean | undefined;
}

/** A home in files. */
export interface FileHome extends Home {
  /** The file of its identity, which may not exist yet. */
  readonly identityFile: string;
}

/** The folder for the person's own things: `PARLEY_HOME`, or the platform's folder for configuration. */
export function homeFolder(): string {
  const { PARLEY_HOME } = process.env;
  return PARLEY_HOME === undefined || PARLEY_HOME === ''
    ? envPaths('parley', { suffix: '' }).config
    : PARLEY_HOME;
}

/** The file of an identity, by default the person's own. */
export function identityFile(path?: string, folder = homeFolder()): string {
  return path ?? join(folder, 'identity.json');
}

/** The folder of the ledger that belongs to an identity file. */
export function ledgerFolder(identity: string): string {
  return `${identity}.ledger`;
}

/** A home in files. An identity file that the options name must exist. The folder's own is made when it is first needed. */
export function fileHome(options: FileHomeOptions = {}): FileHome {
  const folder = options.folder ?? homeFolder();
  const file = identityFile(options.identity, folder);
  const { agreement, keepsAgreements = true } = options;
  const passphrase = new HeldPassphrase(file);
  return {
    identityFile: file,
    async identity() {
      const none = options.identity === undefined && (await isMissing(file));
      return none ? undefined : readIdentityFile(file, passphrase);
    },
    async keepIdentity(made) {
      await makeHomeFolder(dirname(file));
      await writeNew(file, `${JSON.stringify(made.exportPrivate())}\n`, 0o600);
      return file;
    },
    sealKey: (identity, told) => readSealKey(file, identity, passphrase.known, told),
    keepSealKey: async (sealKey) => writeSealKey(file, sealKey, await passphrase.needed()),
    peers: filePeers(join(folder, 'peers')),
    records: () => openPeerRecords(options.ledger ?? ledgerFolder(file)),
    async reserveAgreement() {
      if (agreement !== undefined) return reserveFile(agreement);
      return keepsAgreements ? reserveInFolder('.') : undefined;
    },
    keepEngagement: (engagement, delegation) => keepEngagementBeside(agreement, engagement, delegation),
    keepOutcome: (proof) => keepOutcomeBeside(agreement, proof),
  };
}

/** A private key file, which may be under a passphrase. Throws InputError `ERR_FILE`, `ERR_KEY_INVALID`. */
async function readIdentityFile(path: string, held: HeldPassphrase): Promise<Identity | LockedIdentity> {
  const file = await readJson(path, 'the key file');
  const { isLocked, unlockIdentity } = await import('../../documents/passphrase.ts');
  if (!isLocked(file)) return importIdentity(file);
  return {
    place: path,
    async unlock(passphrase) {
      const identity = await unlockIdentity(file, passphrase);
      held.known = passphrase;
      return identity;
    },
  };
}

/** Holds the passphrase that opened an identity file, for the seal key beside it, so that a person is asked only once. */
class HeldPassphrase {
  known: string | undefined;
  private readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** The passphrase for a new seal key; undefined if the identity has none. Throws InputError `ERR_PASSPHRASE` if it has one that nobody has given. */
  async needed(): Promise<string | undefined> {
    if (this.known !== undefined || (await isMissing(this.file))) return this.known;
    const { isLocked } = await import('../../documents/passphrase.ts');
    if (!isLocked(await readJson(this.file, 'the key file'))) return undefined;
    throw new InputError('ERR_PASSPHRASE', `the identity ${this.file} is under a passphrase`, {
      hint: 'unlock it before a seal key is kept beside it',
    });
  }
}
