import { shareProducts } from './shared-products.mjs';
import { build } from '../../scripts/build/build.mjs';

/** What the specs start is what the sources say, and what they share ends with them. */
export default async function built() {
  // `npm test` has built already
  if (process.env.TWINLOCK_BUILT !== 'yes') await build();
  shareProducts();
}
