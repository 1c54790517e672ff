import { type Effort, isPart, times } from './benchmarks.ts';
import { type Report, runPair } from './pair.ts';
import { median, type Row, rounded } from './rows.ts';
import type { LineOptions, LineResult } from './scenarios/line.ts';
import type { LinkOptions, LinkResult } from './scenarios/link.ts';
import type { Wan } from './wan-channel.ts';

/** Links as people have them at home, the same in each direction. */
const homes: Readonly<Record<string, Wan>> = {
  home100: { delay: 10, bandwidth: 12_500_000 },
  home20: { delay: 30, bandwidth: 2_500_000 },
};

type Deal = Pick<LinkOptions, 'issues' | 'warmUps' | 'runs'> & { readonly what: string };

/** Half a gigabyte goes over the link for the large menu, minutes at 20 Mbit/s: so it runs once. */
const deals: Readonly<Record<string, Deal>> = {
  price: { what: '64-bit split, malicious, sealed, keys known', warmUps: 3, runs: 9 },
  menu576: {
    what: 'nash, malicious, 576 options, no seals',
    issues: [8, 8, 9],
    warmUps: 1,
    runs: 3,
  },
  menu15625: {
    what: 'nash, malicious, 15,625 options, no seals',
    issues: Array(6).fill(5),
    warmUps: 0,
    runs: 1,
  },
};

const measurements = new Map<string, (effort: Effort) => Promise<Row[]>>();
for (const [home, wan] of Object.entries(homes)) {
  measurements.set(`${home}.line`, (effort) => line(home, wan, effort));
  for (const [name, deal] of Object.entries(deals)) {
    for (const state of ['cold', 'prepared'] as const) {
      const id = `${home}.${name}.${state}`;
      measurements.set(id, (effort) =>
        (state === 'cold' ? cold : prepared)(`link.${home}.${name}`, deal, wan, effort),
      );
    }
  }
}
measurements.set('memory', memory);

export const parts = [...measurements.keys()];

/** Deals over home links: cold, and after both sides have prepared. */
export async function run(effort: Effort): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [part, measure] of measurements) {
    if (isPart(part, effort.part)) rows.push(...(await measure(effort)));
  }
  return rows;
}

async function cold(id: string, deal: Deal, wan: Wan, effort: Effort): Promise<Row[]> {
  const reports = await play(deal, { prepared: false, wan }, effort);
  return [
    ms(
      `${id}.cold.ms`,
      reports,
      ({ ms }) => ms,
      `${deal.what}; ${described(wan)}; handshake and base OTs included`,
    ),
    bytes(`${id}.cold.bytes`, reports, 'both ways'),
  ];
}

async function prepared(id: string, deal: Deal, wan: Wan, effort: Effort): Promise<Row[]> {
  const reports = await play(deal, { prepared: true, wan }, effort);
  const peak = Math.round(larger(reports, ({ maxRssMiB }) => maxRssMiB));
  return [
    ms(
      `${id}.prepare.ms`,
      reports,
      ({ prepareMs }) => prepareMs,
      `before there are mandates, from the connection; ${peak} MiB at most by then`,
    ),
    ms(
      `${id}.prepared.ms`,
      reports,
      ({ ms }) => ms,
      `${deal.what}; ${described(wan)}; from the mandates to the outcome, after prepare`,
    ),
    bytes(`${id}.prepared.bytes`, reports, 'both ways, after prepare'),
  ];
}

/** What a process holds that has prepared the large menu. */
async function memory(effort: Effort): Promise<Row[]> {
  const deal = deals.menu15625!;
  const reports = await play(deal, { prepared: true }, effort);
  const row = (id: string, of: (result: LinkResult) => number, note: string) => ({
    id: `link.prepared.menu15625.${id}`,
    value: Math.round(larger(reports, of)),
    unit: 'MiB',
    note: `the larger process, ${note}; ${deal.what}, loopback`,
  });
  return [
    row('rssMiB', ({ rssMiB }) => rssMiB, 'when it had just prepared'),
    row('maxRssMiB', ({ maxRssMiB }) => maxRssMiB, 'at most by then'),
  ];
}

/** Whether the link is what it is said to be. */
async function line(home: string, wan: Wan, effort: Effort): Promise<Row[]> {
  const options = {
    wan,
    echoes: times(31, effort),
    bytes: effort.quick ? 100_000 : 2 * wan.bandwidth,
  };
  const scenario = new URL('./scenarios/line.ts', import.meta.url);
  const [left, right] = await runPair<LineOptions, LineResult>(scenario, options);
  const perSecond = Math.min(left.result.perSecond, right.result.perSecond);
  return [
    {
      id: `link.${home}.rtt.ms`,
      value: rounded(median(right.result.echoMs)),
      unit: 'ms',
      note: `${2 * wan.delay} are meant; a byte there and back; median of ${options.echoes}`,
    },
    {
      id: `link.${home}.Mbps`,
      value: rounded(perSecond / 125_000),
      unit: 'Mbit/s',
      note: `${wan.bandwidth / 125_000} are meant; both ways at a time, the slower; ${options.bytes / 1e6} MB`,
    },
  ];
}

type Reports = readonly [Report<LinkResult>, Report<LinkResult>];

function play(deal: Deal, how: Pick<LinkOptions, 'prepared' | 'wan'>, effort: Effort): Promise<Reports> {
  const { issues, warmUps, runs } = deal;
  const menu = issues !== undefined && { issues: effort.quick ? [2, 2] : issues };
  return runPair<LinkOptions, LinkResult>(new URL('./scenarios/link.ts', import.meta.url), {
    ...how,
    ...menu,
    warmUps: times(warmUps, effort),
    runs: times(runs, effort),
  });
}

/** The median of the times to the later of both results. */
function ms(id: string, [left, right]: Reports, of: (result: LinkResult) => number[], note: string): Row {
  const theirs = of(right.result);
  const later = of(left.result).map((value, run) => Math.max(value, theirs[run]!));
  return { id, value: rounded(median(later)), unit: 'ms', note: `${note}; median of ${later.length}` };
}

function bytes(id: string, [left, right]: Reports, note: string): Row {
  return { id, value: left.result.sent + right.result.sent, unit: 'bytes', note };
}

function larger([left, right]: Reports, of: (result: LinkResult) => number): number {
  return Math.max(of(left.result), of(right.result));
}

function described({ delay, bandwidth }: Wan): string {
  return `RTT ${2 * delay} ms, ${bandwidth / 125_000} Mbit/s`;
}
