import { toPlainText } from '../../src/documents/text.ts';
import { formatAmount } from '../price/amount.ts';
import { ruleOf } from '../registry.ts';
import type { MandateForm, Rule, RuleTerms } from '../rule.ts';
import {
  type LeakageOptions,
  leakageProfile,
  measureLeakage,
  type PriorInput,
  type SideLeakage,
  type SideProfile,
} from './index.ts';

/** One panel: a side's role, the other side's role, the side's figures by own reservation, and their average. */
interface Panel {
  readonly role: string;
  readonly other: string;
  readonly profile: SideProfile;
  readonly average: SideLeakage;
  readonly left: number;
}

/** The horizontal axis: its end points, its label, and the text of a tick. */
interface Axis {
  readonly first: number;
  readonly last: number;
  readonly unit: string;
  readonly label: (own: number) => string;
}

const WIDTH = 860;
const HEIGHT = 440;
const PANEL = { top: 114, width: 330, height: 240 };
const LEFT = [70, 490] as const;
const GIVEN_DEAL = '#0f5f8c';
const OVERALL = '#b4540a';

/**
 * A self-contained SVG document. For each side it shows the bits learnt about the other's mandate (on a deal, and over all outcomes) against the side's own
 * reservation, with the average on a deal as a dashed line. Throws what `leakage` throws.
 */
export async function plotLeakage(
  terms: RuleTerms & { readonly subject?: string },
  prior: PriorInput = 'uniform',
  options: LeakageOptions & { readonly rules?: readonly Rule[] } = {},
): Promise<string> {
  const { rules, ...how } = options;
  const rule = ruleOf(terms, rules);
  const averages = await measureLeakage(rule, terms, prior, how);
  const profiles = await leakageProfile(rule, terms, prior, how);
  const [first, second] = rule.roles;
  const title = `${terms.subject === undefined ? '' : `${terms.subject}: `}what the outcome of ‘${rule.name}’ tells`;
  return draw(title, axisOf(rule.under(terms).form), [
    { role: first, other: second, profile: profiles[0], average: averages[first], left: LEFT[0] },
    { role: second, other: first, profile: profiles[1], average: averages[second], left: LEFT[1] },
  ]);
}

function axisOf(form: MandateForm): Axis {
  if (form.kind !== 'amounts') return { first: 0, last: 1, unit: '', label: (own) => String(own) };
  const { range } = form;
  const last = Number((BigInt(range.max) - BigInt(range.min)) / BigInt(range.step));
  const price = (own: number) => BigInt(range.min) + BigInt(Math.floor(own)) * BigInt(range.step);
  const label = (own: number) => formatAmount(price(own), { ...range, unit: '' });
  return { first: 0, last: Math.max(1, last), unit: range.unit, label: last === 0 ? () => label(0) : label };
}

function draw(title: string, axis: Axis, panels: readonly Panel[]): string {
  const values = panels.flatMap(({ profile }) => [...profile.bits, ...profile.bitsGivenDeal]);
  // NaN where no deal is possible.
  const highest = values.filter(Number.isFinite).reduce((most, value) => Math.max(most, value), 0.1);
  const ticks = niceTicks(highest);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="13" fill="#222">
<title>${escapeXml(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT[0]}" y="30" font-size="16" font-weight="bold">${escapeXml(cut(title, 78))}</text>
${legend()}
${panels.map((panel) => drawPanel(panel, axis, ticks)).join('\n')}
</svg>
`;
}

function drawPanel(
  { role, other, profile, average, left }: Panel,
  axis: Axis,
  ticks: readonly number[],
): string {
  const { top, width, height } = PANEL;
  const bottom = top + height;
  const x = (own: number) => left + (width * (own - axis.first)) / (axis.last - axis.first);
  const y = (bits: number) => bottom - (height * bits) / ticks.at(-1)!;
  const parts = [
    `<text x="${left}" y="${top - 32}" font-weight="bold">What ${the(role)} learns about ${the(other)}</text>`,
  ];
  for (const tick of ticks) {
    parts.push(
      `<line x1="${left}" x2="${left + width}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#e2e2e2"/>`,
    );
    parts.push(`<text x="${left - 8}" y="${at(y(tick) + 4.5)}" text-anchor="end">${tick}</text>`);
  }
  for (const [i, anchor] of ['start', 'middle', 'end'].entries()) {
    const own = axis.first + ((axis.last - axis.first) * i) / 2;
    parts.push(
      `<line x1="${at(x(own))}" x2="${at(x(own))}" y1="${bottom}" y2="${bottom + 5}" stroke="#222"/>`,
      `<text x="${at(x(own))}" y="${bottom + 20}" text-anchor="${anchor}">${axis.label(own)}</text>`,
    );
  }
  parts.push(`<path d="M${left} ${top}V${bottom}H${left + width}" fill="none" stroke="#222"/>`);
  const unit = axis.unit === '' ? '' : ` (${escapeXml(cut(axis.unit, 12))})`;
  parts.push(
    `<text x="${left + width / 2}" y="${bottom + 42}" text-anchor="middle">${the(role)}’s own reservation${unit}</text>`,
  );
  parts.push(
    `<text transform="translate(${left - 44} ${top + height / 2}) rotate(-90)" text-anchor="middle">bits</text>`,
  );
  parts.push(line(profile, profile.bits, x, y, OVERALL));
  parts.push(line(profile, profile.bitsGivenDeal, x, y, GIVEN_DEAL));
  if (Number.isFinite(average.bitsGivenDeal)) {
    const level = at(y(average.bitsGivenDeal));
    parts.push(
      `<line x1="${left}" x2="${left + width}" y1="${level}" y2="${level}" stroke="${GIVEN_DEAL}" stroke-dasharray="6 5"/>`,
      `<text x="${left}" y="${top - 13}">on average ${figure(average.bitsGivenDeal)} bits on a deal (dashed), ${figure(average.bits)} over all</text>`,
    );
  } else parts.push(`<text x="${left}" y="${top - 13}">no deal is possible</text>`);
  return parts.join('\n');
}

/** A curve, broken where a value does not exist (no deal is possible there). */
function line(
  profile: SideProfile,
  values: Float64Array,
  x: (index: number) => number,
  y: (bits: number) => number,
  colour: string,
): string {
  const points = thin(profile.own, values);
  let path = '';
  let drawing = false;
  for (const i of points) {
    const value = values[i];
    if (!Number.isFinite(value)) {
      drawing = false;
      continue;
    }
    path += `${drawing ? 'L' : 'M'}${at(x(profile.own[i]))} ${at(y(value))}`;
    drawing = true;
  }
  return `<path d="${path}" fill="none" stroke="${colour}" stroke-width="2" stroke-linejoin="round"/>`;
}

/** At most 512 positions of a curve, first and last included. */
function thin(own: readonly number[], values: Float64Array): number[] {
  const count = Math.min(512, own.length);
  return Array.from({ length: count }, (_, i) =>
    count === 1 ? 0 : Math.round(((values.length - 1) * i) / (count - 1)),
  );
}

function legend(): string {
  const entry = (x: number, colour: string, text: string) =>
    `<line x1="${x}" x2="${x + 26}" y1="52" y2="52" stroke="${colour}" stroke-width="2"/><text x="${x + 34}" y="56.5">${text}</text>`;
  return [
    entry(LEFT[0], GIVEN_DEAL, 'when there is a deal'),
    entry(LEFT[0] + 210, OVERALL, 'over all outcomes, deal or not'),
  ].join('\n');
}

/** 0 and up to six round numbers, the last at or above `highest`. */
function niceTicks(highest: number): number[] {
  const rough = highest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough)!;
  const count = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, i) => Number((i * step).toPrecision(6)));
}

const figure = (bits: number) => bits.toFixed(2);

/** A role with its article. Roles of price rules are words, those of menus letters. */
const the = (role: string) => escapeXml(role.length === 1 ? `party ${role}` : `the ${role}`);

const at = (coordinate: number) => String(Math.round(coordinate * 100) / 100);

function cut(text: string, length: number): string {
  const characters = [...toPlainText(text)];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return toPlainText(text).replace(/[&<>"]/g, (character) => entities[character]);
}
