/** Builds `dist` before the tests when a source has changed, because some tests run the real executable. */
import { build, isStale } from '../../scripts/build.ts'

export default function buildOnce(): void {
  // Wrong types are the business of `npm run check`; the compiler writes its outputs all the same.
  if (isStale()) build()
}
