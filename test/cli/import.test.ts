import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { desk, inProcess, parley } from './support.ts';

const { put, path } = desk();

const domain = `<?xml version="1.0" encoding="UTF-8"?>
<negotiation_template>
  <utility_space number_of_issues="2">
    <objective index="0" name="Camp site" type="objective">
      <issue index="1" name="Nights" type="integer" lowerbound="1" upperbound="4"/>
      <issue index="2" name="Pitch" type="discrete">
        <item index="1" value="by the lake" cost="4.0"/>
        <item index="2" value="by the road"/>
      </issue>
    </objective>
  </utility_space>
</negotiation_template>`;
const profile = (
  slope: string,
  lake: string,
  weights: [string, string],
  reservation: string,
) => `<utility_space>
  <objective index="0" name="Camp site" type="objective">
    <issue index="1" name="Nights" type="integer" lowerbound="1" upperbound="4">
      <evaluator ftype="linear" offset="${slope.startsWith('-') ? 1 : 0}" slope="${slope}"/>
    </issue>
    <issue index="2" name="Pitch" type="discrete">
      <item index="1" value="by the lake" evaluation="${lake}"/>
      <item index="2" value="by the road" evaluation="5"/>
    </issue>
    <weight index="1" value="${weights[0]}"/><weight index="2" value="${weights[1]}"/>
  </objective>
  <reservation value="${reservation}"/>
</utility_space>`;

const web = (utilities: Record<string, number>, weight: number) => ({
  LinearAdditiveUtilitySpace: {
    name: 'profile',
    domain: {
      name: 'stall',
      issuesValues: {
        colour: { values: ['red', 'blue'] },
        width: { range: { low: 1, high: 3, step: 1 } },
      },
    },
    issueUtilities: {
      colour: { DiscreteValueSetUtilities: { valueUtilities: utilities } },
      width: { NumberValueSetUtilities: { lowValue: 1, lowUtility: 0, highValue: 3, highUtility: 1 } },
    },
    issueWeights: { colour: weight, width: 1 - weight },
  },
});

const files = {
  domain: put('domain.xml', domain),
  a: put('a.xml', profile('0.25', '10', ['0.7', '0.3'], '0.2')),
  b: put('b.xml', profile('-0.25', '2.5', ['0.4', '0.6'], '0.3')),
  webA: put('a.json', web({ red: 1, blue: 0.2 }, 0.5)),
  webB: put('b.json', web({ red: 0, blue: 0.9 }, 0.75)),
};

let count = 0;
function outputs() {
  count += 1;
  const [t, a, b] = ['terms', 'a', 'b'].map((name) => path(`${name}-${count}.json`)) as [
    string,
    string,
    string,
  ];
  return { t, a, b, flags: ['--out-terms', t, '--out-a', a, '--out-b', b] };
}
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('parley import', () => {
  it('GENIUS: writes terms and private mandates that run takes', async () => {
    const { t, a, b, flags } = outputs();
    const made = await parley(
      ...['import', '--domain', files.domain, '--profile-a', files.a, '--profile-b', files.b, '--json'],
      ...[...flags, '--solution', 'egalitarian'],
    );
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toEqual({
      issues: 2,
      outcomes: 8,
      notes: ['costs of items are left out'],
    });
    expect(made.stderr).toContain('costs of items are left out');
    expect(json(t)).toMatchObject({
      subject: 'Camp site',
      rule: { name: 'menu', solution: 'egalitarian', version: 2 },
    });
    expect(json(a)).toEqual({
      reservation: 0.2,
      weights: [0.7, 0.3],
      evaluations: [
        [0, 0.25, 0.5, 0.75],
        [1, 0.5],
      ],
    });
    expect(json(b).reservation).toBe(0.3);
    expect(json(b).evaluations).toEqual([
      [1, 0.75, 0.5, 0.25],
      [0.5, 1],
    ]);
    for (const mandate of [a, b]) expect(statSync(mandate).mode & 0o777).toBe(0o600);
    const ran = await parley('run', '--json', '--terms', t, '--mandate-a', a, '--mandate-b', b);
    expect(ran.code, ran.stderr).toBe(0);
    // 4 nights by the road: 0.675 - 0.2 for a, 0.7 - 0.3 for b
    expect(JSON.parse(ran.stdout).outcome).toEqual({
      deal: true,
      option: { index: 7, values: { Nights: '4', Pitch: 'by the road' } },
    });
  });

  it('GeniusWeb: two profiles are enough', async () => {
    const { t, a, b, flags } = outputs();
    const made = await inProcess('import', '--profile-a', files.webA, '--profile-b', files.webB, ...flags);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toBe('');
    expect(json(t).menu.issues).toEqual([
      { name: 'colour', values: ['red', 'blue'] },
      { name: 'width', values: ['1', '2', '3'] },
    ]);
    expect(json(a)).toEqual({
      reservation: 0,
      weights: [0.5, 0.5],
      evaluations: [
        [1, 0.2],
        [0, 0.5, 1],
      ],
    });
    expect(json(b).weights).toEqual([0.75, 0.25]);
  });

  it('profiles in UTF-16 are read, as PowerShell writes them', async () => {
    const { t, flags } = outputs();
    const [a, b] = (['webA', 'webB'] as const).map((name) => {
      const file = path(`${name}-utf16.json`);
      writeFileSync(file, Buffer.from(`\uFEFF${readFileSync(files[name], 'utf8')}`, 'utf16le'));
      return file;
    }) as [string, string];
    const made = await inProcess('import', '--profile-a', a, '--profile-b', b, ...flags);
    expect(made.code, made.stderr).toBe(0);
    expect(json(t).menu.issues[0]).toEqual({ name: 'colour', values: ['red', 'blue'] });
  });

  const genius = (over: Partial<Record<'domain' | 'a' | 'b', string>> = {}) => [
    ...['--domain', over.domain ?? files.domain],
    ...['--profile-a', over.a ?? files.a, '--profile-b', over.b ?? files.b],
  ];
  it.each<[string, () => string[], string]>([
    ['GENIUS profiles without a domain', () => genius().slice(2), 'ERR_USAGE'],
    ['a domain beside GeniusWeb', () => genius({ a: files.webA, b: files.webB }), 'ERR_USAGE'],
    ['one of each', () => genius({ a: files.webA }), 'ERR_USAGE'],
    ['a missing file', () => genius({ a: path('nowhere.xml') }), 'ERR_FILE'],
    ['text that is no XML', () => genius({ domain: put('no.xml', 'hello') }), 'ERR_IMPORT_INVALID'],
    [
      'another encoding',
      () => {
        const file = path('latin1.xml');
        writeFileSync(file, Buffer.from(domain.replace('Camp', 'Cämp'), 'latin1'));
        return genius({ domain: file });
      },
      'ERR_IMPORT_UNSUPPORTED',
    ],
    [
      'a nonlinear space',
      () =>
        genius({
          domain: put('nonlinear.xml', domain.replace('<utility_space', '<utility_space type="nonlinear"')),
        }),
      'ERR_IMPORT_UNSUPPORTED',
    ],
    [
      'a real issue without a step',
      () => genius({ domain: put('real.xml', domain.replace('type="integer"', 'type="real"')) }),
      'ERR_IMPORT_STEP',
    ],
    ['an unknown solution', () => [...genius(), '--solution', 'best'], 'ERR_TERMS_INVALID'],
  ])('refuses %s, and writes nothing', async (_, args, code) => {
    const { t, a, b, flags } = outputs();
    const { code: exit, stdout, stderr } = await inProcess('import', '--json', ...args(), ...flags);
    expect(exit).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code } });
    expect(stderr).toMatch(/^parley: .+; .+/);
    for (const file of [t, a, b]) expect(() => statSync(file)).toThrow('ENOENT');
  });

  it('overwrites nothing', async () => {
    const { t, a, b, flags } = outputs();
    put('kept.json', 'mine');
    for (const [taken, kept] of [
      [t, path('kept.json')],
      [a, path('kept.json')],
      [b, t],
    ] as const) {
      const { code, stdout } = await inProcess(
        'import',
        '--json',
        ...genius(),
        ...flags.map((flag) => (flag === taken ? kept : flag)),
      );
      expect(code).toBe(2);
      expect(JSON.parse(stdout).error.code).toMatch(/ERR_FILE|ERR_USAGE/);
    }
    expect(readFileSync(path('kept.json'), 'utf8')).toBe('mine');
  });
});
