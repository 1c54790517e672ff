export type { ImportedDomain, ImportedMandate, ImportOptions } from './draft.ts';
export { importGenius } from './genius.ts';
export { importGeniusWeb } from './geniusweb.ts';
