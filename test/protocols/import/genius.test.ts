import { describe, expect, it } from 'vitest';
import { type ImportOptions, importGenius } from '../../../protocols/import/index.ts';
import { menu } from '../../../protocols/menu/index.ts';

const domain = `<?xml version="1.0" encoding="UTF-8"?>
<negotiation_template>
  <agent name="Host" class="some.Agent"/>
  <utility_space number_of_issues="3">
    <objective index="0" name="Shed hire" etype="objective" type="objective" description="">
      <issue index="1" name="Days" vtype="integer" etype="integer" type="integer" lowerbound="2" upperbound="5"></issue>
      <issue index="2" name="Tea & cake" vtype="discrete" etype="discrete" type="discrete">
        <item index="1" value="none" cost="0"></item>
        <item index="2" value="tea &amp; cake" cost="4.0"></item>
        <item index="3" value="tea" cost="2.0"></item>
      </issue>
      <issue index="4" name="Rent" vtype="real" type="real"><range lowerbound="10" upperbound="11.2" step="0.5"></range></issue>
    </objective>
  </utility_space>
</negotiation_template>`;

const profileA = `<utility_space>
  <objective index="0" name="Shed hire" etype="objective" type="objective">
    <issue index="4" name="Rent" type="real" etype="real">
      <range lowerbound="10" upperbound="11.2"/><evaluator ftype="linear" parameter0="-9" parameter1="0.9"/>
    </issue>
    <issue index="2" name="Tea & cake" type="discrete" etype="discrete">
      <item index="1" value="tea" evaluation="2"/>
      <item index="2" value="tea &amp; cake" evaluation="8"/>
      <item index="3" value="none" evaluation="0"/>
    </issue>
    <issue index="1" name="Days" type="integer" etype="integer" lowerbound="2" upperbound="5">
      <evaluator ftype="linear" offset="0.1" slope="0.4"/>
    </issue>
    <weight index="1" value="0.5"/><weight index="2" value="0.25"/><weight index="4" value="0.25"/>
  </objective>
  <discount_factor value="0.8"/>
  <reservation value="0.3"/>
</utility_space>`;

const profileB = profileA
  .replace('<discount_factor value="0.8"/>', '<discount_factor value="1.0"/>')
  .replace('<reservation value="0.3"/>', '')
  .replace('ftype="linear" parameter0="-9" parameter1="0.9"', 'ftype="constant" parameter0="0.4"');

const load = (changes: { domain?: string; a?: string; b?: string } = {}, options: ImportOptions = {}) =>
  importGenius(changes.domain ?? domain, [changes.a ?? profileA, changes.b ?? profileB], options);

describe('GENIUS domains', () => {
  it('reads discrete, integer and real issues into a menu in the domain’s order', () => {
    const { terms, notes } = load();
    expect(terms).toEqual({
      parley: 1,
      subject: 'Shed hire',
      rule: { name: 'menu', solution: 'nash', version: 2 },
      menu: {
        issues: [
          { name: 'Days', values: ['2', '3', '4', '5'] },
          { name: 'Tea & cake', values: ['none', 'tea & cake', 'tea'] },
          { name: 'Rent', values: ['10', '10.5', '11'] },
        ],
      },
    });
    expect(notes.join('\n')).toMatch(/costs/);
    expect(notes.join('\n')).toMatch(/discount/);
  });

  it('reads weights, evaluations and reservations, matched by issue number and by value', () => {
    const [a, b] = load().mandates;
    expect(a.reservation).toBe(0.3);
    expect(b.reservation).toBe(0);
    expect(a.weights).toEqual([0.5, 0.25, 0.25]);
    expect(a.evaluations[0]).toEqual([0.1, 0.5, 0.9, 1]);
    expect(a.evaluations[1]).toEqual([0, 1, 0.25]);
    const rents = [0, 0.45, 0.9];
    for (const [i, rent] of rents.entries()) expect(a.evaluations[2][i]).toBeCloseTo(rent, 12);
    expect(b.evaluations[2]).toEqual([0.4, 0.4, 0.4]);
  });

  it('gives terms and mandates that the menu rule accepts', () => {
    const { terms, mandates } = load();
    const bound = menu.under(terms);
    const [a, b] = mandates.map((mandate, i) =>
      bound.enter(i === 0 ? 'a' : 'b', mandate, () => new Uint8Array(0)),
    );
    expect(bound.plain(a, b).deal).toBe(true);
  });

  it('takes the step of a real issue from the options where the file has none', () => {
    const plain = domain.replace(' step="0.5"', '');
    expect(() => load({ domain: plain })).toThrow(expect.objectContaining({ code: 'ERR_IMPORT_STEP' }));
    const { menu, rule } = load({ domain: plain }, { realStep: '0.4', solution: 'egalitarian' }).terms;
    expect(menu.issues[2].values).toEqual(['10', '10.4', '10.8', '11.2']);
    expect(rule.solution).toBe('egalitarian');
  });

  it('divides evaluations by the highest, and gives 0 where all are 0', () => {
    const zeros = profileA.replace(/evaluation="\d"/g, 'evaluation="0"');
    expect(load({ a: zeros }).mandates[0].evaluations[1]).toEqual([0, 0, 0]);
  });

  it('scales weights that exceed 1 by rounding only', () => {
    const rounded = profileA.replace('value="0.5"', 'value="0.5000001"');
    const sum = load({ a: rounded }).mandates[0].weights.reduce((total, weight) => total + weight, 0);
    expect(sum).toBeLessThanOrEqual(1 + 1e-12);
  });

  const refusals: [string, string, Parameters<typeof load>[0]][] = [
    [
      'a nonlinear space',
      'UNSUPPORTED',
      { a: profileA.replace('<utility_space>', '<utility_space type="nonlinear">') },
    ],
    [
      'nested objectives',
      'UNSUPPORTED',
      { domain: domain.replace('<issue index="1"', '<objective index="9"/><issue index="1"') },
    ],
    [
      'an unknown evaluator function',
      'UNSUPPORTED',
      { a: profileA.replace('ftype="linear" p', 'ftype="triangular" p') },
    ],
    [
      'an unknown issue type',
      'UNSUPPORTED',
      { domain: domain.replace('vtype="real" type="real"', 'vtype="price"') },
    ],
    ['weights above 1', 'UNSUPPORTED', { a: profileA.replace('value="0.5"', 'value="0.6"') }],
    ['a reservation above 1', 'UNSUPPORTED', { a: profileA.replace('value="0.3"', 'value="1.3"') }],
    ['an evaluation below 0', 'UNSUPPORTED', { a: profileA.replace('evaluation="2"', 'evaluation="-2"') }],
    ['a document type', 'UNSUPPORTED', { a: `<!DOCTYPE x [<!ENTITY e "y">]>${profileA}` }],
    ['too many outcomes', 'UNSUPPORTED', { domain: domain.replace('upperbound="5"', 'upperbound="900000"') }],
    ['deep nesting', 'UNSUPPORTED', { domain: `${'<a>'.repeat(40)}${'</a>'.repeat(40)}` }],
    ['nesting beyond any stack', 'INVALID', { domain: `${'<a>'.repeat(200_000)}${'</a>'.repeat(200_000)}` }],
    ['a control character in a name', 'UNSUPPORTED', { domain: domain.replaceAll('"tea"', '"te&#x202E;a"') }],
    ['an undefined entity', 'INVALID', { domain: domain.replaceAll('&amp;', '&amp;&e;'), a: profileA }],
    ['a missing weight', 'INVALID', { a: profileA.replace('<weight index="4" value="0.25"/>', '') }],
    ['a missing evaluation', 'INVALID', { a: profileA.replace(' evaluation="8"', '') }],
    [
      'a missing value',
      'INVALID',
      { a: profileA.replace('<item index="3" value="none" evaluation="0"/>', '') },
    ],
    ['a value twice', 'INVALID', { domain: domain.replace('value="none"', 'value="tea"') }],
    ['an issue of another name', 'INVALID', { a: profileA.replace('name="Days"', 'name="Nights"') }],
    ['a missing issue', 'INVALID', { b: profileB.replace(/<issue index="1"[\s\S]*?<\/issue>/, '') }],
    ['broken XML', 'INVALID', { b: profileB.slice(0, 300) }],
    ['an infinite weight', 'INVALID', { a: profileA.replace('value="0.5"', 'value="Infinity"') }],
  ];
  it.each(refusals)('refuses %s with ERR_IMPORT_%s', (_, code, changes) => {
    expect(() => load(changes)).toThrow(expect.objectContaining({ code: `ERR_IMPORT_${code}` }));
  });

  it('never puts a private number into an error', () => {
    for (const [, , changes] of refusals) {
      try {
        load(changes);
      } catch (error) {
        expect(String(error)).not.toMatch(/0\.3|1\.3|0\.25|0\.6/);
      }
    }
  });
});
