import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { blockAt, Kernel, kernelsReady } from '../src/crypto/kernel.ts';
import { systemRandom } from '../src/crypto/random.ts';
import { Evaluator } from '../src/garbling/half-gates/evaluator.ts';
import { Garbler } from '../src/garbling/half-gates/garbler.ts';
import {
  TABLE_BYTES,
  type TableSink,
  type TableSource,
  Workspace,
} from '../src/garbling/half-gates/tables.ts';
import { ScheduleCache } from '../src/garbling/loaded-schedule.ts';
import { Permutation } from '../src/garbling/permutation.ts';
import { copiesAtOnce } from '../src/garbling/planes.ts';
import { type Effort, times } from './benchmarks.ts';
import { multiplier } from './circuits.ts';
import { median, type Row } from './rows.ts';

/** What the child process of a streamed run reports. */
export interface StreamedReport {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly ands: number;
  /** Sent. */
  readonly bytes: number;
  readonly maxRssMiB: number;
}

/** Throughput of the semi-honest engine: kernels alone in memory, and two processes over an encrypted loopback connection. */
export async function run(effort: Effort): Promise<Row[]> {
  await kernelsReady();
  const rows = await kernelRows(times(50, effort));
  const reports: StreamedReport[] = [];
  const runs = times(3, effort);
  for (let sample = 0; sample < runs; sample += 1) {
    reports.push(await streamed(effort.quick ? 10_000 : 10_000_000));
  }
  reports.sort((left, right) => left.seconds - right.seconds);
  const { seconds, cpuSeconds, ands, bytes } = reports[runs >> 1]!;
  const millions = `${(ands / 1e6).toFixed(1)} M ANDs streamed, two processes, encrypted loopback TCP, ${cpuSeconds.toFixed(2)} s of CPU at the busier; median of ${runs}`;
  rows.push(
    { id: 'and.yao.perSecond', value: Math.round(ands / seconds), unit: 'AND/s', note: millions },
    {
      id: 'and.yao.bytesPerAnd',
      value: Math.round((bytes / ands) * 100) / 100,
      unit: 'B',
      note: 'both ways',
    },
    {
      id: 'and.maxRssMiB',
      value: Math.round(Math.max(...reports.map((report) => report.maxRssMiB))),
      unit: 'MiB',
      note: 'larger of the two processes in the same runs',
    },
  );
  return rows;
}

/** Garbling and evaluation in one process, tables to and from a buffer in memory. */
async function kernelRows(runs: number): Promise<Row[]> {
  const kernel = new Kernel();
  const permutation = new Permutation(kernel, 'benchmark', systemRandom(32));
  const delta = kernel.allocate(16);
  kernel.write(
    delta,
    systemRandom(16).map((byte, i) => (i === 0 ? byte | 1 : byte)),
  );
  const workspace = new Workspace(kernel);
  const circuit = multiplier();
  const loaded = new ScheduleCache(kernel).load(circuit);
  const copies = copiesAtOnce(loaded, 16, 384 << 10);
  const plane = workspace.plane(loaded.schedule.slots * copies * 16);
  for (let slot = 0; slot < 66 * copies; slot += 1) kernel.write(blockAt(plane, slot), systemRandom(16));
  const buffer = new LoopBuffer();
  const garbler = new Garbler(kernel, permutation, delta, workspace.blocks, workspace.tables);
  const evaluator = new Evaluator(kernel, permutation, workspace.blocks, workspace.tables);
  const rows: Row[] = [];
  for (const [id, work] of [
    ['and.yao.kernel.perSecond', () => garbler.garble(loaded, plane, copies, buffer)],
    ['and.yao.kernel.evaluate.perSecond', () => evaluator.evaluate(loaded, plane, copies, buffer)],
  ] as const) {
    const samples: number[] = [];
    for (let sample = 0; sample < runs; sample += 1) {
      const start = performance.now();
      for (let i = 0; i < 4; i += 1) await work();
      samples.push((performance.now() - start) / 4);
    }
    const value = Math.round((circuit.ands * copies) / (median(samples) / 1000));
    rows.push({
      id,
      value,
      unit: 'AND/s',
      note: `in memory, one core, ${copies} copies of ${circuit.ands} ANDs; median of ${runs}`,
    });
  }
  return rows;
}

/** Tables of 8,192 gates, over and over. */
class LoopBuffer implements TableSink, TableSource {
  private readonly tables = new Uint8Array(8_192 * TABLE_BYTES);
  private at = 0;

  get room(): number {
    return 8_192 - this.at;
  }

  append(tables: Uint8Array): void {
    this.tables.set(tables, this.at * TABLE_BYTES);
    this.at += tables.length / TABLE_BYTES;
  }

  take(gates: number): Uint8Array {
    const start = this.at * TABLE_BYTES;
    this.at += gates;
    return this.tables.subarray(start, this.at * TABLE_BYTES);
  }

  async flush(): Promise<void> {
    this.at = 0;
  }

  async fill(): Promise<void> {
    this.at = 0;
  }
}

/** One run between two fresh processes; the figures are the garbler's, but bytes those of both, and CPU time and memory the larger. */
async function streamed(ands: number): Promise<StreamedReport> {
  const path = fileURLToPath(new URL('./and-peer.ts', import.meta.url));
  const evaluator = fork(path, [String(ands), 'evaluator'], { execArgv: ['--import', 'tsx'] });
  const [port] = (await once(evaluator, 'message')) as [number];
  const garbler = fork(path, [String(ands), 'garbler', String(port)], { execArgv: ['--import', 'tsx'] });
  const [[mine], [theirs]] = (await Promise.all([once(garbler, 'message'), once(evaluator, 'message')])) as [
    [StreamedReport],
    [StreamedReport],
  ];
  return {
    ...mine,
    bytes: mine.bytes + theirs.bytes,
    cpuSeconds: Math.max(mine.cpuSeconds, theirs.cpuSeconds),
    maxRssMiB: Math.max(mine.maxRssMiB, theirs.maxRssMiB),
  };
}
