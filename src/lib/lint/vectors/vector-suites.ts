/** The suites of `aiv lint vectors`, each loaded when it is asked for. To add one, add a line. */
import { AivError, type RawVectorSuite, type VectorSuite } from '../../core/index.ts'

type SuiteLoader = () => Promise<VectorSuite | RawVectorSuite>

export const VECTOR_SUITES: Readonly<Record<string, SuiteLoader>> = {
  aez: async () => (await import('../../crypto/vectors/index.ts')).aezSuite,
  bolt04: async () => (await import('../../sphinx/vectors/index.ts')).bolt04Suite,
  clienthello: async () => (await import('../../tls/vectors/index.ts')).clientHelloSuite,
  ech: async () => (await import('../../tls/vectors/index.ts')).echSuite,
  htx: async () => (await import('../../htx/vectors/index.ts')).htxSuite,
  ja3: async () => (await import('../../tls/vectors/index.ts')).ja3Suite,
  ja4: async () => (await import('../../tls/vectors/index.ts')).ja4Suite,
  'kem-sphinx': async () => (await import('../../sphinx/vectors/index.ts')).kemSphinxSuite,
  noise: async () => (await import('../../noise/vectors.ts')).noiseSuite,
  purl: async () => (await import('../purl/vectors.ts')).purlSuite,
  'spdx-expression': async () => (await import('../licenses/vectors.ts')).spdxExpressionSuite,
  sphinx: async () => (await import('../../sphinx/vectors/index.ts')).sphinxSuite,
  sphinxmixcrypto: async () => (await import('../../sphinx/vectors/index.ts')).sphinxmixcryptoSuite,
  tls13: async () => (await import('../../tls/vectors/index.ts')).tls13Suite,
  vrf: async () => (await import('../../crypto/vectors/index.ts')).vrfSuite,
}

/** @throws AivError `E_USAGE` when there is no suite of that name */
export async function loadVectorSuite(
  name: string,
  suites: Readonly<Record<string, SuiteLoader>> = VECTOR_SUITES,
): Promise<VectorSuite | RawVectorSuite> {
  const load = Object.hasOwn(suites, name) ? suites[name] : undefined
  if (load !== undefined) return load()
  throw new AivError('E_USAGE', `there is no vector suite ${name}`, {
    hint: `The suites are ${Object.keys(suites).join(', ')}`,
  })
}
