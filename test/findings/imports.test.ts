import { describe, expect, test } from 'vitest';
import { fromBristol } from '../../src/circuit/index.ts';
import { InputError, importGenius, importGeniusWeb } from '../../src/index.ts';
import { codes, openPair } from '../support/sessions.ts';
import { termsOf } from './support.ts';

const domain = `<negotiation_template><utility_space number_of_issues="1"><objective index="0" name="Shed hire" type="objective">
  <issue index="1" name="Tea" type="discrete"><item index="1" value="none"/><item index="2" value="tea"/></issue>
</objective></utility_space></negotiation_template>`;
const profile = (more: string) => `<utility_space><objective index="0" name="Shed hire" type="objective">
  <issue index="1" name="Tea" type="discrete"><item index="1" value="none" evaluation="1"/><item index="2" value="tea" evaluation="2"/></issue>
  <weight index="1" value="1"/></objective>${more}</utility_space>`;
const load = (more: string) => importGenius(domain, [profile(more), profile('')]);

/** What a call throws. */
function refusal(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
  }
  return expect.unreachable('it is not refused');
}

describe('C16: what is left out, or not understood, is said in words of its own', () => {
  for (const element of ['optout', 'timeeffect', 'an-element-of-the-next-version']) {
    test(`C16: a note for <${element}> of GENIUS`, () => {
      expect(load(`<${element} value="0.2"/>`).notes.join()).toContain(element);
    });
  }

  test('C16: a note for what no step reads, wherever it stands, and none for what is read', () => {
    expect(load('').notes).toEqual([]);
    const inside = profile('').replace('<item index="1"', '<fuzzy/><item index="1"');
    expect(importGenius(domain, [profile(''), inside]).notes).toEqual([
      'not read in the profile of b: <fuzzy>',
    ]);
    const agents = domain.replace(
      '<utility_space',
      '<agent name="Host"/><agent name="Guest"/><utility_space',
    );
    expect(importGenius(agents, [profile(''), profile('')]).notes).toEqual([
      'not read in the domain: <agent>',
    ]);
  });

  test('C16: of very many things, a note that can be read', () => {
    const many = Array.from({ length: 1000 }, (_, i) => `<e${'x'.repeat(100)}${i}/>`).join('');
    const [note, ...more] = load(many).notes;
    expect(more).toEqual([]);
    expect(note!.length).toBeLessThan(1000);
    expect(note).toMatch(/and 980 more$/);
  });

  test('C16: a note for each member of GeniusWeb that nothing reads', () => {
    const space = (more: object, inside: object) =>
      JSON.stringify({
        LinearAdditiveUtilitySpace: {
          name: 'a',
          domain: { name: 'Shed hire', issuesValues: { Tea: { values: ['none', 'tea'], ...inside } } },
          issueUtilities: { Tea: { DiscreteValueSetUtilities: { valueUtilities: { none: 0, tea: 1 } } } },
          issueWeights: { Tea: 1 },
          ...more,
        },
      });
    expect(importGeniusWeb([space({}, {}), space({}, {})]).notes).toEqual([]);
    const { notes } = importGeniusWeb([space({ discount: 0.5 }, {}), space({}, { unit: 'cups' })]);
    expect(notes).toEqual(['not read in the profile of a: discount', 'not read in the profile of b: unit']);
  });

  test('C16: a hint to what is there, for a reservation in points', () => {
    const { message, hint } = refusal(() => load('<reservation value="35"/>'));
    expect(message).toContain('reservation');
    expect(hint).toMatch(/share of the best package/);
  });

  test('C16: the classic Bristol Format by its name', () => {
    const classic = '1 3\n1 1 1\n\n2 1 0 1 2 AND\n';
    expect(refusal(() => fromBristol(classic)).message).toMatch(/Bristol Format|classic/);
  });

  test('C16: a clock that is fast, where terms seem to have expired', async () => {
    const [left, right] = await openPair();
    const terms = {
      ...termsOf(),
      expires: new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z$/, 'Z'),
    };
    const negotiating = left.negotiate({ terms, mandate: { reservation: 400n } });
    expect(await codes([negotiating])).toEqual(['ERR_TERMS_EXPIRED']);
    const { message, hint } = await negotiating.then(
      () => expect.unreachable('it is not refused'),
      (error: InputError) => error,
    );
    left.destroy();
    right.destroy();
    expect(`${message} ${hint}`).toMatch(/clock/);
  });
});
