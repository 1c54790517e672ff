// Plays the first deal of two people in two terminals of 80 columns, and writes what they saw to docs/first-deal.md.
// Needs tmux: node scripts/first-deal.mjs
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const desk = mkdtempSync(join(tmpdir(), 'parley-first-deal-'));
const tmux = (...args) => execFileSync('tmux', ['-L', desk.split('/').at(-1), ...args], { encoding: 'utf8' });

const draft = `{
  "parley": 1,
  "subject": "used car",
  "rule": { "name": "split" },
  "range": { "min": "0", "max": "1000000", "unit": "USD", "decimals": 2 }
}
`;

/** A person with a folder, a home and a terminal. */
function person(name) {
  const home = join(desk, name);
  mkdirSync(join(home, 'bin'), { recursive: true });
  const command = join(home, 'bin', 'parley');
  const run = `exec '${process.execPath}' --import '${import.meta.resolve('tsx')}' '${join(root, 'src/cli/main.ts')}' "$@"`;
  writeFileSync(command, `#!/bin/sh\n${run}\n`);
  chmodSync(command, 0o755);
  const set = `cd '${home}'; export HOME='${home}' NO_COLOR=1 PS1='$ ' PATH='${home}/bin':"$PATH"; unset PARLEY_HOME XDG_CONFIG_HOME npm_command npm_lifecycle_event`;
  writeFileSync(join(home, 'rc'), set);
  tmux('new-session', '-d', '-s', name, '-x', '80', '-y', '100', `bash --noprofile --rcfile '${home}/rc' -i`);
  return {
    home,
    type: (text) => tmux('send-keys', '-t', name, '-l', text) + tmux('send-keys', '-t', name, 'Enter'),
    /** The screen as it stands; with `joined`, lines that the terminal broke in one piece. */
    screen: (joined) => tmux('capture-pane', '-p', ...(joined ? ['-J'] : []), '-t', name).trimEnd(),
    close: () => spawnSync('tmux', ['-L', desk.split('/').at(-1), 'kill-session', '-t', name]),
  };
}

/** Waits until a screen shows something. */
async function until(who, text) {
  for (let tries = 0; tries < 600; tries++) {
    const found = who.screen(true).match(text);
    if (found) return found[0];
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`no ${text} in\n${who.screen(true)}`);
}

const [seller, buyer] = [person('seller'), person('buyer')];
try {
  writeFileSync(join(seller.home, 'car.json'), draft);
  for (const who of [seller, buyer]) await until(who, /\$/);
  seller.type('parley host --terms car.json --address 192.0.2.7');
  await until(seller, /seller or buyer\?/);
  seller.type('seller');
  const invite = (await until(seller, /parley1-\S+:4466/)).replace('192.0.2.7', '127.0.0.1');
  await until(seller, /listening/);
  buyer.type('parley join');
  await until(buyer, /the invite that you were sent/);
  buyer.type(invite);
  await until(buyer, /Accept\?/);
  buyer.type('y');
  for (const [who, figure] of [
    [seller, '4,500.00'],
    [buyer, '5200'],
  ]) {
    await until(who, /your limit \(not shown\):/);
    who.type(figure);
    await until(who, /once more/);
    who.type(figure);
  }
  for (const who of [seller, buyer]) await until(who, /verify agreement\S+\n\$/);
  const shown = (who) => who.screen().replaceAll('127.0.0.1', '192.0.2.7').replace(/\n\$$/, '');
  const block = (text) => `\`\`\`text\n${text}\n\`\`\`\n`;
  writeFileSync(
    join(root, 'docs/first-deal.md'),
    `# A first deal

What two people see who have never used Parley. Each has a terminal of 80 columns; neither has a key yet. \`node scripts/first-deal.mjs\` plays it again
and writes this page (the address shown is one for documentation).

The seller writes down what is public, \`car.json\`:

\`\`\`json
${draft}\`\`\`

## The seller

The seller types \`4,500.00\`, twice; it is not shown.

${block(shown(seller))}
## The buyer

The seller sent both lines. The buyer types \`5200\`, twice.

${block(shown(buyer))}
Both hold the same file, to the byte. \`parley verify\` reads it, offline.
`,
  );
} finally {
  for (const who of [seller, buyer]) who.close();
}
