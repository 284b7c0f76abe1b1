/** The suites of `aiv lint vectors`, each loaded when it is asked for. To add one, add a line. */
import { AivError, type VectorSuite } from '../core/index.ts'

type SuiteLoader = () => Promise<VectorSuite>

export const VECTOR_SUITES: Readonly<Record<string, SuiteLoader>> = {
  htx: async () => (await import('../htx/vectors/index.ts')).htxSuite,
  noise: async () => (await import('../noise/vectors.ts')).noiseSuite,
}

/** @throws AivError `E_USAGE` when there is no suite of that name */
export async function loadVectorSuite(
  name: string,
  suites: Readonly<Record<string, SuiteLoader>> = VECTOR_SUITES,
): Promise<VectorSuite> {
  const load = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (load !== undefined) return load()
  throw new AivError('E_USAGE', `there is no vector suite ${name}`, {
    hint: `The suites are ${Object.keys(suites).join(', ')}`,
  })
}
