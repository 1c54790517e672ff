import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** A page of documentation: a Markdown file, by its path from the root. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A fenced block of a page. */
export interface Block {
  readonly page: string;
  /** Where it begins: `README.md:12`. */
  readonly at: string;
  readonly language: string;
  readonly body: string;
  /** The name of the marked section that it is in. */
  readonly section: string | undefined;
  /** Whether the page says that the block is a program to be run. */
  readonly run: boolean;
}

/** Folders with pages, besides the root itself. */
const folders = ['bench', 'docs', 'protocols', 'src', 'test'];

/** All pages of the repository, in order of their paths. */
export const pages: readonly Page[] = [
  ...readdirSync(root),
  ...folders.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).map((path) => posix.join(folder, path)),
  ),
]
  .map((path) => path.replaceAll('\\', '/'))
  .filter((path) => path.endsWith('.md'))
  .sort()
  .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }));

/** All fenced blocks of all pages, in order. */
export const blocks: readonly Block[] = pages.flatMap(blocksOf);

function blocksOf({ path, text }: Page): Block[] {
  const fences = [...text.matchAll(/^(<!-- run -->\n\n)?```([\w-]*)\n(.*?)^```$/gms)];
  return fences.map(({ index, 1: run, 2: language, 3: body }) => {
    const before = text.slice(0, index);
    const sections = [...before.matchAll(/<!-- (\/?)section:(\w+) -->/g)];
    const [, ended, section] = sections.at(-1) ?? [];
    const line = before.split('\n').length + (run === undefined ? 0 : 2);
    return {
      page: path,
      at: `${path}:${line}`,
      language: language!,
      body: body!,
      section: ended === '' ? section : undefined,
      run: run !== undefined,
    };
  });
}

/** The blocks in a language of one marked section. */
export function blocksIn(section: string, language: string): string[] {
  return blocks
    .filter((block) => block.section === section && block.language === language)
    .map(({ body }) => body);
}

/** The targets that links to a page can name: its headings, as GitHub spells them. */
export function anchors({ text }: Page): Set<string> {
  const headings = text.replaceAll(/^```.*?^```$/gms, '').matchAll(/^#+ +(.*)$/gm);
  const names = new Set<string>();
  for (const [, heading] of headings) {
    const plain = heading!.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll(/[`*]/g, '');
    const name = plain
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(/\s/g, '-');
    let unique = name;
    for (let count = 1; names.has(unique); count++) unique = `${name}-${count}`;
    names.add(unique);
  }
  return names;
}
