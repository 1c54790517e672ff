// Plays the first deal of two people in two terminals of 80 columns, who mistype every answer once, and writes what they saw to
// docs/first-deal.md: node --import tsx scripts/first-deal.ts. Needs util-linux `script`.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeAll, type Person, person, type Terminal, type } from '../test/cli/pseudo-terminal.ts';
import { Screen } from '../test/cli/screen.ts';

const COLUMNS = 80;
/** The address that the page shows: one for documentation (RFC 5737). */
const SHOWN = '192.0.2.7';
export const page = fileURLToPath(new URL('../docs/first-deal.md', import.meta.url));

/** What was typed, and what the screen showed in the end. */
export interface Seen {
  readonly line: string;
  readonly exit: number | null;
  readonly screen: Screen;
}

export interface FirstDeal {
  readonly terms: Seen;
  readonly host: Seen;
  readonly join: Seen;
  /** The terms file that came of it. */
  readonly file: string;
}

/** Somebody who has never used Parley, with a home as everybody has one. */
function newcomer(): Person {
  const someone = person();
  return { ...someone, env: { HOME: someone.folder, PARLEY_HOME: undefined, XDG_CONFIG_HOME: undefined } };
}

/** Waits for each prompt and types what stands beside it. */
async function answers(
  terminal: Terminal,
  typed: readonly (readonly [prompt: string | RegExp, answer: string])[],
) {
  for (const [prompt, answer] of typed) await terminal.answers(prompt, `${answer}\r`);
}

async function seen(terminal: Terminal, line: string): Promise<Seen> {
  const exit = await terminal.ended;
  return { line, exit, screen: new Screen(COLUMNS).write(terminal.raw()) };
}

/** Both people's first deal. `port` is where the host listens on this machine. */
export async function playFirstDeal(port: number): Promise<FirstDeal> {
  const [seller, buyer] = [newcomer(), newcomer()];
  const make = 'parley terms new --out car.json';
  const making = type(seller, make);
  await answers(making, [
    ['What is negotiated?', ''],
    ['What is negotiated?', 'used car'],
    ['Which rule? [random-split]', 'cheapest'],
    ['Which rule? [random-split]', ''],
    ['(Enter for none)?', '00'],
    ['(Enter for none)?', 'USD'],
    ['Digits after the point? [2]', 'two'],
    ['Digits after the point? [2]', ''],
    ['The lowest price there could be?', 'nothing'],
    ['The lowest price there could be?', '0'],
    ['The highest?', '10.000'],
    ['Which number?', 'three'],
    ['Which number?', '2'],
    ['In steps of? [0.01]', '0'],
    ['In steps of? [0.01]', ''],
    ['until when (UTC)? [7d]', '0d'],
    ['until when (UTC)? [7d]', '3 days'],
    ['the number of an answer to change:', 'no'],
    ['the number of an answer to change:', ''],
  ]);
  const terms = await seen(making, make);

  const hosting = type(seller, `parley host --terms car.json --listen 127.0.0.1:${port} --address ${SHOWN}`);
  await answers(hosting, [
    ['Which side are you, seller or buyer?', 'sailor'],
    ['Which side are you, seller or buyer?', 'Seller'],
  ]);
  const invite = await hosting.sees(/^parley1-\S+$/m);
  await hosting.sees('listening on');
  const line = 'parley join';
  const joining = type(buyer, line);
  await answers(joining, [
    ['the invite that you were sent:', 'what invite?'],
    ['the invite that you were sent:', invite.replace(SHOWN, '127.0.0.1')],
    ['Accept? [y/N]', 'perhaps'],
    ['Accept? [y/N]', '?'],
    ['lines more:', 'q'],
    ['Accept? [y/N]', 'y'],
  ]);
  const again = 'once more, to be sure:';
  const limit = 'your limit (not shown):';
  await answers(hosting, [
    [limit, 'forty-five hundred'],
    [limit, '4600'],
    [again, '4500'],
    [limit, '$4,500'],
    [again, ''],
  ]);
  await answers(joining, [
    [limit, '52,000'],
    [limit, '5200'],
    [again, '5.200,00'],
  ]);
  return {
    terms,
    host: await seen(hosting, 'parley host --terms car.json'),
    join: await seen(joining, line),
    file: readFileSync(join(seller.folder, 'car.json'), 'utf8'),
  };
}

/** What the page says, from what was played. */
export function firstDealPage({ terms, host, join, file }: FirstDeal, port: number): string {
  const shown = ({ line, screen }: Seen) =>
    `\`\`\`text\n$ ${line}\n${screen
      .lines()
      .join('\n')
      .trimEnd()
      .replaceAll(`127.0.0.1:${port}`, `${SHOWN}:4466`)
      .replaceAll(`${SHOWN}:${port}`, `${SHOWN}:4466`)
      .replaceAll(`listening on ${SHOWN}`, 'listening on 0.0.0.0')}\n\`\`\`\n`;
  return `# A first deal

What two people see who have never used Parley, and who mistype every answer once. Each has a terminal of 80 columns; neither has a key yet.
\`node --import tsx scripts/first-deal.ts\` plays it again and writes this page, and a test plays it too. The address is one for documentation.

## The terms

The seller writes down what is public. At every question Enter takes what stands in brackets.

${shown(terms)}
Then \`car.json\` holds:

\`\`\`json
${file}\`\`\`

## The seller

The seller types \`4600\` by mistake, then \`4500\`. Neither is shown while it is typed. Each is read back below the second question, as \`4,500.00 USD or more\`, until that is answered.

${shown(host)}
## The buyer

The seller sent both lines. The buyer types \`52,000\` by mistake, then \`5200\`, and once more \`5.200,00\`.

${shown(join)}
Both hold the same file, to the byte. \`parley verify\` checks it, offline, and with \`--party\` that the other side's key is the one that you met.
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { freePort } = await import('../test/cli/free-port.ts');
  const port = await freePort();
  try {
    writeFileSync(page, firstDealPage(await playFirstDeal(port), port));
  } finally {
    closeAll();
  }
}
