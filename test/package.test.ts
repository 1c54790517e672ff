import { afterAll, beforeAll, describe } from 'vitest';
import { bundled } from './package/bundles.ts';
import { installed } from './package/entries.ts';
import { form } from './package/form.ts';
import { own } from './package/own.ts';
import { Packed } from './package/packed.ts';
import { typed } from './package/types.ts';

let packed: Packed;
beforeAll(async () => {
  packed = await Packed.make();
}, 240_000);
afterAll(() => packed?.remove());

describe('the published package', () => {
  form(() => packed);
  installed(() => packed);
});
describe('for TypeScript, the published package', () => typed(() => packed));
describe('for authors of rules, the published package', () => own(() => packed));
describe('for bundlers, the published package', () => bundled(() => packed));
