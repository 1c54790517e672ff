import { toBristol } from '../../circuit/bristol.ts';
import { toHex } from '../../crypto/encoding.ts';
import { checkDraft } from '../../desk/drafts.ts';
import { readDraft, refuseExisting, writeNew } from '../../node/home/files.ts';
import { printJson, say, style } from '../terminal/terminal.ts';

export interface CircuitFlags {
  readonly terms: string;
  readonly bristol?: string;
  readonly json?: boolean;
}

/**
 * `parley circuit --terms T [--bristol FILE] [--json]`: the circuits of terms. For a rule with several circuits there is one Bristol file for
 * each, with a number before the extension.
 */
export async function circuit(flags: CircuitFlags): Promise<void> {
  const { rule, terms } = checkDraft(await readDraft(flags.terms));
  const circuits = rule.under(terms).circuits();
  const files = flags.bristol === undefined ? [] : filesFor(flags.bristol, circuits.length);
  for (const file of files) await refuseExisting(file);
  for (const [i, file] of files.entries()) await writeNew(file, toBristol(circuits[i]!.circuit), 0o644);
  const rows = circuits.map(({ name, circuit: { inputs, outputs, kinds, ands, digest }, copies }, i) => ({
    name,
    copies,
    inputs,
    outputs,
    ands,
    xors: kinds.length - ands,
    digest: toHex(digest),
    ...(files[i] !== undefined && { bristol: files[i] }),
  }));
  if (flags.json === true) printJson({ rule: rule.name, circuits: rows });
  say(style('bold', `What is computed by the rule ${rule.name}`));
  for (const { name, copies, inputs, outputs, ands, xors, digest, bristol } of rows) {
    say(`  ${name}${copies === 1 ? '' : `, ${copies} times`}: ${ands} AND, ${xors} XOR gates`);
    say(`    inputs ${inputs.join(' + ')} bits, outputs ${outputs.join(' + ')} bits`);
    say(style('dim', `    ${digest}${bristol === undefined ? '' : `, in ${bristol}`}`));
  }
}

/** `FILE`, or for several `FILE-1`, `FILE-2`, …, the number before the extension. */
function filesFor(path: string, count: number): string[] {
  if (count === 1) return [path];
  const [, stem = path, extension = ''] = /^(.*[^/\\])(\.[^./\\]+)$/.exec(path) ?? [];
  return Array.from({ length: count }, (_, i) => `${stem}-${i + 1}${extension}`);
}
