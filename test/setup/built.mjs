import { build } from '../../scripts/build/build.mjs';

/** What the specs start is what the sources say. */
export default async function built() {
  // `npm test` has built already
  if (process.env.TWINLOCK_BUILT !== 'yes') await build();
}
