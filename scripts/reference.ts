import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type ErrorEntry, type ExitCode, errorEntries, errorTable } from '../src/errors.ts';
import { table } from './error-budget/text.ts';

/** The documents that hold parts made from the table of errors. */
export const documents = ['docs/reference.md'] as const;

const EXITS: Readonly<Record<0 | 3 | 4 | ExitCode, string>> = {
  0: 'done, deal or no deal',
  1: 'the session or the verification failed',
  2: 'bad usage or bad input; nothing was sent',
  3: '`verify`: the document is sound, and nobody has said whose keys signed it; `complain`, `arbiter answer`: the arbiter cannot say yet',
  4: '`verify`: the agreement is valid, and has to be ratified to be in force; `complain`, `arbiter answer`: void, the arbiter has opened nothing and never will',
  70: 'a fault in Parley',
  130: 'interrupted',
};

const parts: Readonly<Record<string, () => string>> = {
  exits: exitTable,
  errors: errorTables,
};

/** A document with its made parts, each between two comments with the part's name, written anew. Throws if a part is not there once, whole. */
export function filled(document: string): string {
  for (const name of Object.keys(parts)) {
    const found = document.match(
      new RegExp(`<!-- made:${name} -->\\n(?:(?!<!-- made:).)*?<!-- /made -->`, 'gs'),
    );
    if (found?.length !== 1) throw new Error(`the part ${name} is not there once, between its two comments`);
  }
  return document.replaceAll(/(<!-- made:(\w+) -->\n).*?(<!-- \/made -->)/gs, (_, start, name, end) => {
    return `${start}\n${parts[name]!()}\n\n${end}`;
  });
}

/** Exit codes and what they mean. */
function exitTable(): string {
  const rows = Object.entries(EXITS).map(([exit, meaning]) => [exit, meaning]);
  return table(2, ['exit code', 'means'], rows);
}

/** A section for each class, with a row for each of its codes. */
function errorTables(): string {
  return groups((entry) => entry.class)
    .map((entries) => {
      const name = entries[0]!.class;
      const { meaning } = errorTable[name];
      const sentence = meaning[0]!.toUpperCase() + meaning.slice(1);
      const rows = entries.map((entry) => [`\`${entry.code}\``, entry.meaning, entry.action]);
      return `### ${name}\n\n${sentence}. ${exitOf(entries)}\n\n${table(3, ['code', 'means', 'what to do'], rows)}`;
    })
    .join('\n\n');
}

/** The lines of the table, those of one kind together. */
function groups(kindOf: (entry: ErrorEntry) => string): ErrorEntry[][] {
  const entries = errorEntries();
  const kinds = [...new Set(entries.map(kindOf))];
  return kinds.map((kind) => entries.filter((entry) => kindOf(entry) === kind));
}

function exitOf(entries: readonly ErrorEntry[]): string {
  const own = errorTable[entries[0]!.class].exit;
  const others = entries.filter(({ exit }) => exit !== own).map(({ code, exit }) => `\`${code}\`: ${exit}`);
  return `Exit code ${[own, ...others].join('; ')}.`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const document of documents) {
    const file = new URL(`../${document}`, import.meta.url);
    writeFileSync(file, filled(readFileSync(file, 'utf8')));
  }
}
