import type { Command } from 'commander';
import { usageError } from '../terminal/failure.ts';
import type { CosignFlags, IssueFlags, RevokeFlags, VerifyMandateFlags } from './mandate.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** The commands of a principal: `mandate issue`, `mandate cosign`, `mandate revoke`, and of anybody: `mandate verify`. */
export function addMandateCommands(parley: Command, signal: AbortSignal, exit: (code: number) => void): void {
  const mandate = parley
    .command('mandate')
    .description('certify who may negotiate for you, and within which bounds: issue, cosign, revoke, verify');
  mandate
    .argument('[COMMAND]')
    .helpCommand(false)
    .action((given: string | undefined) => {
      throw usageError(
        given === undefined ? 'mandate needs to know what to do' : 'mandate has no such command',
        'write parley mandate issue, cosign, revoke or verify, and a file',
      );
    });
  mandate
    .command('issue')
    .description('sign a mandate certificate: for one key, or as the first of several members')
    .argument('<DRAFT>', 'what it is to say, as JSON: delegate, scope, expires, and what else you decide')
    .requiredOption('--out <CERTIFICATE>', 'new file for the certificate')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: IssueFlags) => {
      await (await import('./mandate.ts')).issue(path, flags, signal);
    });
  mandate
    .command('cosign')
    .description('add your signature as a member: to a certificate, or to a list of revocations')
    .argument('<FILE>', 'the certificate or list, with the signatures so far')
    .requiredOption('--out <FILE>', 'new file, with your signature too')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: CosignFlags) => {
      await (await import('./mandate.ts')).cosign(path, flags, signal);
    });
  mandate
    .command('revoke')
    .description(
      'make a list of revocations, which is good for a day; without certificates, only a fresh one',
    )
    .argument('[CERTIFICATE...]', 'the certificates to revoke')
    .option('--of <FILE>', 'whose list: any certificate of the principal, or its last list, which is kept')
    .requiredOption('--out <LIST>', 'new file for the list')
    .option('--next <TIME>', 'when there will be another one at the latest', '24h')
    .option('--identity <KEY>', 'your private key file, if it is not the usual one')
    .option(...JSON_FLAG)
    .action(async (paths: readonly string[], flags: RevokeFlags) => {
      await (await import('./mandate.ts')).revoke(paths, flags, signal);
    });
  mandate
    .command('verify')
    .description('check a mandate certificate, offline, and say what it allows')
    .argument('<CERTIFICATE>', 'the certificate file')
    .option('--principal <KEY>', 'the principal that you expect: a name, a file, a JWK, or its fingerprint')
    .option('--unpinned', 'you know no principal: exit 0 whosever it is')
    .option('--revocations <FILE>', "the principal's list of revocations")
    .option('--terms <FILE>', 'completed terms: does it cover them?')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: VerifyMandateFlags) => {
      exit(await (await import('./mandate.ts')).verifyMandate(path, flags));
    });
}
