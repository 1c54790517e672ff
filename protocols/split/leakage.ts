import type { PriceModel } from '../leakage/model.ts';
import { gridPoints } from '../leakage/prior.ts';
import type { PriceTerms } from '../price/rule.ts';
import type { Splitting } from './share.ts';

/** Both reservations fix the price: s + floor(share · (b − s)), or the multiple of `grid` in the zone that is nearest to that. */
export function splitModel({ rule, range }: Pick<PriceTerms<Splitting>, 'rule' | 'range'>): PriceModel {
  const points = gridPoints(range);
  const [p, q] = rule.sellerShare.split('/').map(Number);
  // floor(p·d/q) without a product above 2⁵³.
  const price = (seller: number, buyer: number) => {
    const width = buyer - seller;
    return seller + p * Math.floor(width / q) + Math.floor((p * (width % q)) / q);
  };
  if (rule.grid === undefined)
    return {
      points,
      outcomes: points,
      deal(seller, buyer, run) {
        run.each = 1;
        run.first = price(seller, buyer);
        run.last = run.first;
        return seller <= buyer;
      },
      price: (outcome) => outcome,
    };
  // Multiples of the coarser step, as grid indices `first`, `first` + `stride`, …
  const step = BigInt(range.step);
  const grid = BigInt(rule.grid);
  const min = BigInt(range.min);
  const stride = Number(grid / step);
  const firstMultiple = ((min % grid) + grid) % grid;
  const first = Number((firstMultiple === 0n ? 0n : grid - firstMultiple) / step);
  return {
    points,
    outcomes: Math.max(1, Math.floor((points - 1 - first) / stride) + 1),
    deal(seller, buyer, run) {
      const lowest = Math.ceil((seller - first) / stride);
      const highest = Math.floor((buyer - first) / stride);
      if (lowest > highest) return false;
      const nearest = Math.round((price(seller, buyer) - first) / stride);
      run.each = 1;
      run.first = Math.min(highest, Math.max(lowest, nearest));
      run.last = run.first;
      return true;
    },
    price: (outcome) => first + outcome * stride,
  };
}
