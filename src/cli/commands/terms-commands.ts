import type { Command } from 'commander';
import { usageError } from '../terminal/failure.ts';
import type { ImportFlags } from './import.ts';
import type { LeakFlags } from './leak.ts';
import type { CheckFlags } from './terms-check.ts';
import type { NewFlags } from './terms-new.ts';

const JSON_FLAG = ['--json', 'print one JSON document on stdout'] as const;

/** The commands that make and explain terms, before any session: `leak`, `terms new`, `terms check` and `import`. A table, like the rest of the program's. */
export function addTermsCommands(parley: Command, signal: AbortSignal): void {
  parley
    .command('leak')
    .description('what the outcome would tell each side about the other, before anyone agrees')
    .requiredOption('--terms <FILE>', 'the terms, or a draft of them')
    .option('--prior <FILE>', 'beliefs about reservations, as a histogram; else all are equally likely')
    .option('--plot <FILE>', 'new SVG file: the figures against the own reservation')
    .option(...JSON_FLAG)
    .action(async (flags: LeakFlags) => {
      await (await import('./leak.ts')).leak(flags);
    });

  const terms = parley.command('terms').description('make or explain a terms file: new, check');
  terms
    .argument('[COMMAND]')
    .helpCommand(false)
    .action((given: string | undefined) => {
      throw usageError(
        given === undefined ? 'terms needs to know what to do' : 'terms has no such command',
        'write parley terms new, or parley terms check FILE',
      );
    });
  terms
    .command('new')
    .description('ask what terms need and write them; with the flags below, without asking')
    .option('--subject <TEXT>', 'what is negotiated')
    .option('--matter <TEXT>', 'what attempts are counted for, if not for the subject')
    .option('--rule <NAME>', 'zopa, split, random-split, posted-price or menu')
    .option('--unit <TEXT>', 'price rules: the unit, such as USD')
    .option('--decimals <COUNT>', 'price rules: digits after the point in amounts')
    .option('--min <AMOUNT>', 'price rules: the lowest price, as people write it')
    .option('--max <AMOUNT>', 'price rules: the highest price')
    .option('--step <AMOUNT>', 'price rules: the distance between prices')
    .option('--seller-share <P/Q>', 'split: where between the two limits the price is')
    .option('--grid <AMOUNT>', 'split: a coarser distance between the prices of deals')
    .option('--price <AMOUNT>', 'posted-price: the price, or random')
    .option('--rounds <COUNT>', 'price rules: reservations that each side enters in order')
    .option('--near-miss <PERCENT>', 'price rules: tell of a near miss if both opted in, such as 5%')
    .option('--solution <NAME>', 'menu: nash, egalitarian, kalai-smorodinsky or utilitarian')
    .option(
      '--issue <TEXT>',
      'menu: an issue and its values, “Delivery: 45 days, 60 days”; repeatable',
      append,
    )
    .option('--expires <TIME>', 'the deadline: a duration from now such as 7d, or a UTC time')
    .option('--party <ROLE=KEY>', "a party's public key file or JWK; repeatable", append)
    .option('--security <KIND>', 'malicious or semi-honest')
    .option('--attempts <COUNT>', 'how often the parties may try')
    .option('--roles <A,B>', 'what the sides are called, the seller (or a) first: candidate, employer')
    .option(
      '--arbiter <CARD>',
      "an arbiter's card, from parley arbiter init: opens what a side that leaves would take",
    )
    .option('--window <TIME>', 'with --arbiter: how long a side may complain (10m, if not said)')
    .option('--obligations <FILE>', 'what each side owes afterwards, as terms hold it')
    .option('--publish <FILE>', 'a public log, and its witnesses, for what is signed afterwards')
    .option(
      '--ratify <ROLE=FILE>',
      'who has to agree to a deal of that side before it is in force; repeatable',
      append,
    )
    .option('--mandate <ROLE=CERTIFICATE>', 'for whom that side acts, by its certificate; repeatable', append)
    .option('--out <FILE>', 'new file for the terms; else they are printed on stdout')
    .option(...JSON_FLAG)
    .action(async (flags: NewFlags) => {
      await (await import('./terms-new.ts')).newTerms(flags, signal);
    });
  terms
    .command('check')
    .description('explain a terms file in plain words, with what its outcome tells and what is missing')
    .argument('<FILE>', 'the terms, or a draft of them')
    .option('--prior <FILE>', 'beliefs about reservations, as a histogram; else all are equally likely')
    .option(...JSON_FLAG)
    .action(async (path: string, flags: CheckFlags) => {
      await (await import('./terms-check.ts')).checkTerms(path, flags);
    });

  parley
    .command('import')
    .description('terms and mandates from a GENIUS domain (XML) or from GeniusWeb profiles (JSON)')
    .option('--domain <FILE>', 'GENIUS: the domain; GeniusWeb profiles hold theirs')
    .requiredOption('--profile-a <FILE>', "party a's profile")
    .requiredOption('--profile-b <FILE>', "party b's profile")
    .requiredOption('--out-terms <FILE>', 'new file for the terms')
    .requiredOption('--out-a <FILE>', "new file for party a's mandate")
    .requiredOption('--out-b <FILE>', "new file for party b's mandate")
    .option('--solution <NAME>', 'nash, egalitarian, kalai-smorodinsky or utilitarian', 'nash')
    .option('--real-step <DECIMAL>', 'the step of real issues that have none')
    .option(...JSON_FLAG)
    .action(async (flags: ImportFlags) => {
      await (await import('./import.ts')).importDomain(flags);
    });
}

/** Collects an option that may be given more than once. */
function append(value: string, earlier: readonly string[] = []): string[] {
  return [...earlier, value];
}
