import { packBits } from '../circuit/bits.ts';
import { blockAt, type Pointer } from '../crypto/kernel.ts';
import { Evaluator } from '../garbling/half-gates/evaluator.ts';
import type { LabelReceiver } from '../garbling/half-gates/inputs.ts';
import { decoding, labelSeed, outputLabels } from '../garbling/half-gates/messages.ts';
import { TableReader } from '../garbling/half-gates/stream.ts';
import { LabelStream } from '../garbling/label-stream.ts';
import type { LoadedSchedule } from '../garbling/loaded-schedule.ts';
import type { Batch } from './batches.ts';
import type { Bits, Party, Release } from './engine.ts';
import type { Segment } from './wires.ts';
import { gatesOf, inputBitsOf, unpackColours, YaoEngine, type YaoOptions } from './yao.ts';

/** The evaluator of the semi-honest engine: its wires are active labels. Steps are those of src/garbling/half-gates/README.md. */
export class YaoEvaluator extends YaoEngine {
  private readonly ot: LabelReceiver;
  private readonly evaluator: Evaluator;
  private readonly reader: TableReader;
  /** The labels of each batch whose choices have been sent. */
  private readonly chosen = new Map<Batch<Pointer>, Promise<Pointer>>();

  constructor(options: YaoOptions & { readonly ot: LabelReceiver }) {
    super(options);
    this.ot = options.ot;
    const { blocks, tables } = this.workspace;
    this.evaluator = new Evaluator(this.kernel, this.permutation, blocks, tables);
    this.reader = new TableReader(this.link);
  }

  /** Step 1, one batch ahead and not waited for: the garbler may be sending tables meanwhile. */
  protected override announce(batch: Batch<Pointer>): void {
    const count = inputBitsOf(batch, this.party);
    if (count === 0) return;
    const choices = new Uint8Array(count);
    let offset = 0;
    for (const { node, start, end } of batch.inputs) {
      if (node.owner !== this.party) continue;
      choices.set(node.bits!.subarray(start, end), offset);
      offset += end - start;
    }
    const packed = packBits(choices);
    choices.fill(0);
    const labels = this.ot.activeLabels(this.link, packed, count).finally(() => packed.fill(0));
    labels.catch(() => undefined); // reported where it is awaited
    this.chosen.set(batch, labels);
  }

  protected override async runInputs(batch: Batch<Pointer>): Promise<void> {
    const labels = await this.chosen.get(batch);
    this.chosen.delete(batch);
    this.requireOpen();
    if (labels !== undefined) {
      this.spread(batch, this.party, labels);
      this.kernel.free(labels);
    }
    if (inputBitsOf(batch, this.peer) > 0) await this.receivePeerLabels(batch);
    this.reader.begin(gatesOf(batch));
  }

  /** Step 2. */
  private async receivePeerLabels(batch: Batch<Pointer>): Promise<void> {
    const { seed } = await this.link.receive(labelSeed, undefined);
    this.requireOpen();
    const active = new LabelStream(this.kernel, seed);
    for (const { node, start, end } of batch.inputs) {
      if (node.owner === this.peer) active.fill(blockAt(node.storage!, start), end - start);
    }
  }

  protected override runGates(loaded: LoadedSchedule, plane: Pointer, copies: number): Promise<void> {
    return this.evaluator.evaluate(loaded, plane, copies, this.reader);
  }

  protected override async open(
    segments: readonly Segment<Pointer>[],
    to: Party | 'both',
    release: Release | undefined,
  ): Promise<Bits | undefined> {
    await release?.send();
    await release?.receive();
    this.requireOpen();
    const { labels, width } = this.join(segments);
    try {
      const colours = this.colours(labels, width);
      let bits: Bits | undefined;
      if (to !== this.peer) {
        const zeros = unpackColours((await this.link.receive(decoding, width)).colours, width);
        this.requireOpen();
        bits = zeros.map((zero, i) => zero ^ colours[i]!);
      }
      if (to !== this.party) {
        await this.link.send(outputLabels, width, {
          colours: packBits(colours),
          proof: this.labelProof(labels, width),
        });
      }
      return bits;
    } finally {
      this.kernel.free(labels);
    }
  }

  protected override wipe(): void {
    this.reader.close();
    for (const labels of this.chosen.values()) {
      labels.then(
        (pointer) => this.kernel.free(pointer),
        () => undefined,
      );
    }
    this.chosen.clear();
    super.wipe();
  }
}
