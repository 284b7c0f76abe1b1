/** The vector suite `vrf`: RFC 9381 appendix B as JSON, lists `tai` and `ell2` of `{example, sk, pk, alpha, pi, beta, h, k, u, v}`. */
import {
  AivError,
  equal,
  fromHex,
  runVectorChecks,
  type VectorCheck,
  type VectorSuite,
} from '../../core/index.ts'
import { ecvrf, proofSteps } from '../vrf/ecvrf.ts'
import { VRF_SUITES, type VrfSuite } from '../vrf/surface.ts'

const SUITE = 'vrf'

type Fields = Readonly<Record<string, unknown>>

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checksOf(content: string): VectorCheck[] {
  let document: unknown
  try {
    document = JSON.parse(content)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the file is not JSON', { cause })
  }
  if (!isFields(document)) throw new AivError('E_MALFORMED', 'the file holds no VRF vectors')
  const checks = VRF_SUITES.flatMap((suite) => suiteChecks(suite, document))
  if (checks.length === 0) throw new AivError('E_MALFORMED', 'the file has neither tai nor ell2 vectors')
  return checks
}

function suiteChecks(suite: VrfSuite, document: Fields): VectorCheck[] {
  const list = Object.hasOwn(document, suite) ? document[suite] : []
  if (!Array.isArray(list)) throw new AivError('E_MALFORMED', `${suite} is not a list`)
  return list.map((vector: unknown, index): VectorCheck => {
    const number = isFields(vector) && typeof vector.example === 'number' ? vector.example : index
    return { id: `${suite} ${number}`, run: (note) => replay(suite, vector, note) }
  })
}

/** Proves again, compares every value that the vector states, and verifies what the vector proves. */
function replay(suite: VrfSuite, vector: unknown, note: (text: string) => void): void {
  if (!isFields(vector)) throw new AivError('E_MALFORMED', 'the vector is not an object')
  const alpha = bytes(vector, 'alpha')
  const [publicKey, pi, beta] = [bytes(vector, 'pk'), bytes(vector, 'pi'), bytes(vector, 'beta')]
  expectSame(ecvrf.verify(suite, publicKey, alpha, pi), beta, 'beta by verification')
  expectSame(ecvrf.proofToHash(suite, pi), beta, 'beta')
  if (Object.hasOwn(vector, 'sk')) replayProof(suite, vector, alpha)
  else note('verified, not proved again: it has no secret key')
}

function replayProof(suite: VrfSuite, vector: Fields, alpha: Uint8Array): void {
  const seed = bytes(vector, 'sk')
  expectSame(ecvrf.publicKey(seed), bytes(vector, 'pk'), 'pk')
  const steps = proofSteps(suite, seed, alpha)
  expectSame(steps.proof, bytes(vector, 'pi'), 'pi')
  for (const name of ['h', 'k', 'u', 'v'] as const)
    if (Object.hasOwn(vector, name)) expectSame(steps[name], bytes(vector, name), name)
}

function bytes(vector: Fields, name: string): Uint8Array {
  const value = Object.hasOwn(vector, name) ? vector[name] : undefined
  if (typeof value !== 'string') throw new AivError('E_MALFORMED', `${name} is missing`)
  return fromHex(value)
}

function expectSame(actual: Uint8Array | undefined, expected: Uint8Array, what: string): void {
  if (actual === undefined || !equal(actual, expected))
    throw new AivError('E_VECTORS_FAILED', `${what} differs from the vector`)
}

export const vrfSuite: VectorSuite = {
  name: SUITE,
  async run({ path, content }) {
    try {
      return await runVectorChecks(SUITE, path, checksOf(content))
    } catch (error) {
      const unreadable: VectorCheck = {
        id: 'file',
        run() {
          throw error
        },
      }
      return runVectorChecks(SUITE, path, [unreadable])
    }
  },
}
