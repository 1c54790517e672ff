import type { Range } from '../../src/agreement/terms.ts';
import { toPlainText } from '../../src/agreement/text.ts';
import { formatAmount } from '../price/amount.ts';
import type { SideLeakage, SideProfile } from './index.ts';

/** What a plot shows: both sides' figures by own reservation, and their averages. */
export interface LeakagePlot {
  readonly title: string;
  readonly range: Range;
  readonly profiles: { readonly seller: SideProfile; readonly buyer: SideProfile };
  readonly averages: { readonly seller: SideLeakage; readonly buyer: SideLeakage };
}

const WIDTH = 860;
const HEIGHT = 440;
const PANEL = { top: 114, width: 330, height: 240 };
const LEFT = { seller: 70, buyer: 490 };
const GIVEN_DEAL = '#0f5f8c';
const OVERALL = '#b4540a';

/**
 * An SVG document, self-contained: for the seller and the buyer, bits learnt about the other's reservation (on a deal, and over all
 * outcomes) against the own reservation, with the average on a deal as a dashed line.
 */
export function plotLeakage({ title, range, profiles, averages }: LeakagePlot): string {
  const values = (['seller', 'buyer'] as const).flatMap((side) => [
    ...profiles[side].bits,
    ...profiles[side].bitsGivenDeal,
  ]);
  // NaN where no deal is possible.
  const highest = values.filter(Number.isFinite).reduce((most, value) => Math.max(most, value), 0.1);
  const ticks = niceTicks(highest);
  const scale = ticks.at(-1)!;
  const panels = (['seller', 'buyer'] as const).map((side) =>
    panel(side, profiles[side], averages[side], range, ticks, scale),
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="DejaVu Sans, Helvetica, Arial, sans-serif" font-size="13" fill="#222">
<title>${escapeXml(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
<text x="${LEFT.seller}" y="30" font-size="16" font-weight="bold">${escapeXml(cut(title, 84))}</text>
${legend()}
${panels.join('\n')}
</svg>
`;
}

function panel(
  side: 'seller' | 'buyer',
  profile: SideProfile,
  average: SideLeakage,
  range: Range,
  ticks: readonly number[],
  scale: number,
): string {
  const left = LEFT[side];
  const { top, width, height } = PANEL;
  const bottom = top + height;
  const last = Math.max(1, profile.own.at(-1)!);
  const x = (index: number) => left + (width * index) / last;
  const y = (bits: number) => bottom - (height * bits) / scale;
  const parts = [
    `<text x="${left}" y="${top - 32}" font-weight="bold">What the ${side} learns about the ${side === 'seller' ? 'buyer' : 'seller'}</text>`,
  ];
  for (const tick of ticks) {
    parts.push(
      `<line x1="${left}" x2="${left + width}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#e2e2e2"/>`,
    );
    parts.push(`<text x="${left - 8}" y="${at(y(tick) + 4.5)}" text-anchor="end">${tick}</text>`);
  }
  for (const share of [0, 0.5, 1]) {
    const index = Math.floor(last * share);
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    parts.push(
      `<line x1="${at(x(index))}" x2="${at(x(index))}" y1="${bottom}" y2="${bottom + 5}" stroke="#222"/>`,
    );
    parts.push(
      `<text x="${at(x(index))}" y="${bottom + 20}" text-anchor="${anchor}">${priceLabel(range, index)}</text>`,
    );
  }
  parts.push(`<path d="M${left} ${top}V${bottom}H${left + width}" fill="none" stroke="#222"/>`);
  const unit = range.unit === '' ? '' : ` (${escapeXml(cut(range.unit, 12))})`;
  parts.push(
    `<text x="${left + width / 2}" y="${bottom + 42}" text-anchor="middle">the ${side}’s own reservation${unit}</text>`,
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
    entry(LEFT.seller, GIVEN_DEAL, 'when there is a deal'),
    entry(LEFT.seller + 210, OVERALL, 'over all outcomes, deal or not'),
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

/** The price at a grid index as people write it, without its unit. */
function priceLabel(range: Range, index: number): string {
  const price = BigInt(range.min) + BigInt(index) * BigInt(range.step);
  return formatAmount(price, { ...range, unit: '' });
}

const at = (coordinate: number) => String(Math.round(coordinate * 100) / 100);

function cut(text: string, length: number): string {
  const characters = [...toPlainText(text)];
  return characters.length <= length ? characters.join('') : `${characters.slice(0, length - 1).join('')}…`;
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
  return toPlainText(text).replace(/[&<>"]/g, (character) => entities[character]);
}
