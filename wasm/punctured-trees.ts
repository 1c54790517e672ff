// Kernels of src/ot/silent, steps 1 to 3: correlated trees. A node x has the children H(x) and x ⊕ H(x), H(x) = π(σ(x)) ⊕ σ(x), so the sum of all nodes is
// the same at every level of a tree. Trees lie side by side: a level is an array of nodes, tree after tree.
import { maskOfBit0, sigma } from './sigma';

/** All ones if the numbers are equal, else zero. */
// @ts-ignore: decorator
@inline
function maskOfEqual(left: u32, right: u32): v128 {
  return i64x2.splat(-(<i64>(left == right)));
}

/** inputs[i] = σ(nodes[i]) for `count` nodes. */
export function nodeInputs(inputs: usize, nodes: usize, count: u32): void {
  for (const end = nodes + (<usize>count << 4); nodes < end; nodes += 16) {
    v128.store(inputs, sigma(v128.load(nodes)));
    inputs += 16;
  }
}

/**
 * Sender, first level: each tree's left node from `lefts`, and that plus Δ. The correction is the left node plus the tree's key; corrections, and keys, of
 * neighbouring trees lie `stride` bytes apart.
 */
export function growRoots(
  nodes: usize,
  lefts: usize,
  delta: usize,
  corrections: usize,
  keys: usize,
  stride: u32,
  trees: u32,
): void {
  const difference = v128.load(delta);
  for (let tree: u32 = 0; tree < trees; tree++) {
    const left = v128.load(lefts);
    v128.store(nodes, left);
    v128.store(nodes, v128.xor(left, difference), 16);
    v128.store(corrections, v128.xor(left, v128.load(keys)));
    nodes += 32;
    lefts += 16;
    corrections += stride;
    keys += stride;
  }
}

/**
 * Sender: replaces the `width` nodes of each tree by their children, in place. outputs[i] = π(σ(x_i)). The correction of a tree is the sum of its left
 * children plus its key.
 */
export function growNodes(
  nodes: usize,
  outputs: usize,
  corrections: usize,
  keys: usize,
  stride: u32,
  width: u32,
  trees: u32,
): void {
  for (let tree = <i32>trees - 1; tree >= 0; tree--) {
    let sum = i64x2.splat(0);
    const first = <usize>tree * width;
    for (let y = <i32>width - 1; y >= 0; y--) {
      const at = (first + y) << 4;
      const node = v128.load(nodes + at);
      const left = v128.xor(v128.load(outputs + at), sigma(node));
      v128.store(nodes + 2 * at, left);
      v128.store(nodes + 2 * at, v128.xor(left, node), 16);
      sum = v128.xor(sum, left);
    }
    const offset = <usize>tree * stride;
    v128.store(corrections + offset, v128.xor(sum, v128.load(keys + offset)));
  }
}

/**
 * Receiver, first level: the node beside the path is correction ⊕ MAC, and the path goes to the side that the MAC's bit 0 does not name. Leaves both nodes of
 * each tree zero, the node beside the path in `missing`, and the number of the node on the path in `paths` (4 bytes a tree).
 */
export function regrowRoots(
  nodes: usize,
  missing: usize,
  paths: usize,
  corrections: usize,
  macs: usize,
  stride: u32,
  trees: u32,
): void {
  for (let tree: u32 = 0; tree < trees; tree++) {
    const mac = v128.load(macs);
    v128.store(missing, v128.xor(v128.load(corrections), mac));
    store<u32>(paths, 1 - (i32x4.extract_lane(mac, 0) & 1));
    v128.store(nodes, i64x2.splat(0));
    v128.store(nodes, i64x2.splat(0), 16);
    nodes += 32;
    missing += 16;
    paths += 4;
    corrections += stride;
    macs += stride;
  }
}

/** Receiver: puts the missing node of each tree in its place, beside the path. inputs[i] = σ(nodes[i]). */
export function regrowInputs(
  inputs: usize,
  nodes: usize,
  missing: usize,
  paths: usize,
  width: u32,
  trees: u32,
): void {
  for (let tree: u32 = 0; tree < trees; tree++) {
    const sibling = load<u32>(paths + (<usize>tree << 2)) ^ 1;
    const value = v128.load(missing + (<usize>tree << 4));
    for (let y: u32 = 0; y < width; y++) {
      const node = v128.xor(v128.load(nodes), v128.and(value, maskOfEqual(y, sibling)));
      v128.store(nodes, node);
      v128.store(inputs, sigma(node));
      nodes += 16;
      inputs += 16;
    }
  }
}

/**
 * Receiver: replaces the nodes by their children, in place; both children of the node on the path become zero. The one beside the path goes to `missing`: it
 * is what the sum of its side lacks, which is correction ⊕ MAC, on the side that bit 0 of the MAC names. `paths` goes on to the children's level.
 */
export function regrowNodes(
  nodes: usize,
  outputs: usize,
  missing: usize,
  paths: usize,
  corrections: usize,
  macs: usize,
  stride: u32,
  width: u32,
  trees: u32,
): void {
  for (let tree = <i32>trees - 1; tree >= 0; tree--) {
    let leftSum = i64x2.splat(0);
    let rightSum = i64x2.splat(0);
    const first = <usize>tree * width;
    const pathAt = paths + (<usize>tree << 2);
    const path = load<u32>(pathAt);
    for (let y = <i32>width - 1; y >= 0; y--) {
      const at = (first + y) << 4;
      const node = v128.load(nodes + at);
      const onPath = maskOfEqual(y, path);
      const hashed = v128.xor(v128.load(outputs + at), sigma(node));
      const left = v128.andnot(hashed, onPath);
      const right = v128.andnot(v128.xor(hashed, node), onPath);
      v128.store(nodes + 2 * at, left);
      v128.store(nodes + 2 * at, right, 16);
      leftSum = v128.xor(leftSum, left);
      rightSum = v128.xor(rightSum, right);
    }
    const offset = <usize>tree * stride;
    const mac = v128.load(macs + offset);
    const given = v128.xor(v128.load(corrections + offset), mac);
    const known = v128.bitselect(rightSum, leftSum, maskOfBit0(mac));
    v128.store(missing + (<usize>tree << 4), v128.xor(given, known));
    store<u32>(pathAt, 2 * path + 1 - (i32x4.extract_lane(mac, 0) & 1));
  }
}

/**
 * Receiver, last level: puts the missing leaf in its place, and on the path the sum of all others. Bit 0 of a leaf becomes 1 on the path and 0 elsewhere.
 */
export function regrowLeaves(leaves: usize, missing: usize, paths: usize, width: u32, trees: u32): void {
  const low = i64x2(1, 0);
  for (let tree: u32 = 0; tree < trees; tree++) {
    const path = load<u32>(paths + (<usize>tree << 2));
    const value = v128.load(missing + (<usize>tree << 4));
    let sum = i64x2.splat(0);
    for (let y: u32 = 0; y < width; y++) {
      const at = leaves + (<usize>y << 4);
      const leaf = v128.xor(v128.load(at), v128.and(value, maskOfEqual(y, path ^ 1)));
      sum = v128.xor(sum, leaf);
      v128.store(at, v128.andnot(leaf, low));
    }
    sum = v128.or(sum, low);
    for (let y: u32 = 0; y < width; y++) {
      v128.store(leaves, v128.xor(v128.load(leaves), v128.and(sum, maskOfEqual(y, path))));
      leaves += 16;
    }
  }
}
