import { packBits } from '../circuit/bits.ts';
import { equalBytes } from '../crypto/bytes.ts';
import { blockAt, type Pointer } from '../crypto/kernel.ts';
import type { Random } from '../crypto/random.ts';
import { ParleyError, PeerCheatedError } from '../errors.ts';
import { Garbler } from '../garbling/half-gates/garbler.ts';
import type { LabelSender } from '../garbling/half-gates/inputs.ts';
import { decoding, labelSeed, outputLabels } from '../garbling/half-gates/messages.ts';
import { TableWriter } from '../garbling/half-gates/stream.ts';
import { LabelStream } from '../garbling/label-stream.ts';
import type { LoadedSchedule } from '../garbling/loaded-schedule.ts';
import type { Batch } from './batches.ts';
import type { Bits, Fixing, Party, Release } from './engine.ts';
import type { Segment } from './wires.ts';
import { gatesOf, inputBitsOf, unpackColours, YaoEngine, type YaoOptions } from './yao.ts';

/** The garbler of the semi-honest engine: its wires are zero labels. Steps are those of src/garbling/half-gates/README.md. */
export class YaoGarbler extends YaoEngine {
  private readonly random: Random;
  private readonly ot: LabelSender;
  private readonly garbler: Garbler;
  private readonly writer: TableWriter;

  constructor(options: YaoOptions & { readonly ot: LabelSender }) {
    super(options);
    this.random = options.random;
    this.ot = options.ot;
    if ((this.kernel.view(this.ot.delta, 1)[0]! & 1) === 0) {
      throw new ParleyError('ERR_INTERNAL', 'bit 0 of the garbler’s Δ must be 1');
    }
    const { blocks, tables } = this.workspace;
    this.garbler = new Garbler(this.kernel, this.permutation, this.ot.delta, blocks, tables);
    this.writer = new TableWriter(this.link);
  }

  protected override async runBatch(batch: Batch<Pointer>, fixing: Fixing | undefined): Promise<void> {
    await super.runBatch(batch, fixing);
    await this.writer.end();
  }

  protected override async runInputs(batch: Batch<Pointer>): Promise<void> {
    const theirs = inputBitsOf(batch, this.peer);
    if (theirs > 0) {
      const zeros = await this.ot.zeroLabels(this.link, theirs);
      try {
        this.requireOpen();
        this.spread(batch, this.peer, zeros);
      } finally {
        this.kernel.free(zeros);
      }
    }
    if (inputBitsOf(batch, this.party) > 0) await this.sendOwnLabels(batch);
    this.writer.begin(gatesOf(batch));
  }

  /** Step 2: the active labels come from a seed that the evaluator gets, and the zero labels follow from the bits. */
  private async sendOwnLabels(batch: Batch<Pointer>): Promise<void> {
    const seed = this.random(16);
    const active = new LabelStream(this.kernel, seed);
    for (const { node, start, end } of batch.inputs) {
      if (node.owner !== this.party) continue;
      const bits = this.kernel.allocate(end - start);
      this.kernel.write(bits, node.bits!.subarray(start, end));
      const labels = blockAt(node.storage!, start);
      active.fill(labels, end - start);
      this.kernel.call.xorSelected(labels, labels, bits, this.ot.delta, end - start);
      this.kernel.free(bits);
    }
    await this.link.send(labelSeed, undefined, { seed });
  }

  protected override runGates(loaded: LoadedSchedule, plane: Pointer, copies: number): Promise<void> {
    return this.garbler.garble(loaded, plane, copies, this.writer);
  }

  protected override async open(
    segments: readonly Segment<Pointer>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined> {
    await release?.receive();
    await release?.send();
    this.requireOpen();
    const { labels, width } = this.join(segments);
    const zeros = this.colours(labels, width);
    try {
      if (to !== this.party) await this.link.send(decoding, width, { colours: packBits(zeros) });
      if (to === this.peer) return undefined;
      const answer = await this.link.receive(outputLabels, width);
      this.requireOpen();
      return this.decode(labels, zeros, answer);
    } finally {
      zeros.fill(0);
      this.kernel.free(labels);
    }
  }

  /** Step 6: the values behind the evaluator's colours, if it shows that it holds the labels of those values. */
  private decode(
    labels: Pointer,
    zeros: Bits,
    { colours, proof }: { readonly colours: Uint8Array; readonly proof: Uint8Array },
  ): Bits {
    const width = zeros.length;
    const values = unpackColours(colours, width);
    for (let i = 0; i < width; i += 1) values[i]! ^= zeros[i]!;
    const bits = this.kernel.allocate(width);
    this.kernel.write(bits, values);
    this.kernel.call.xorSelected(labels, labels, bits, this.ot.delta, width);
    this.kernel.free(bits);
    if (!equalBytes(proof, this.labelProof(labels, width))) throw new PeerCheatedError('output labels');
    return values;
  }

  protected override wipe(): void {
    this.writer.close();
    super.wipe();
  }
}
