import { writeFileSync } from 'node:fs';
import { makers } from './vectors/makers.ts';
import { fileOf } from './vectors/shape.ts';

// Writes vectors/v1, or the files of it that are named: node --import tsx scripts/vectors.ts [NAME…]
const named = process.argv.slice(2);
for (const [name, maker] of Object.entries(makers)) {
  if (named.length > 0 && !named.includes(name)) continue;
  writeFileSync(new URL(`../vectors/v1/${name}.json`, import.meta.url), await fileOf(maker));
}
