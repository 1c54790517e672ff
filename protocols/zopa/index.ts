import { priceRule } from '../price/rule.ts';
import { describeZopa } from './describe.ts';
import { zopaModel } from './leakage.ts';

/** Whether a deal exists, and nothing else. See README.md. */
export const zopa = priceRule({
  name: 'zopa',
  pricing: () => ({ key: '' }),
  priceModel: zopaModel,
  describe: describeZopa,
});
