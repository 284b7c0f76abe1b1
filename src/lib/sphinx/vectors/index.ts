/** The suites `sphinx` and `kem-sphinx` of `aiv lint vectors`: Katzenpost's published packets, commands and KEM values. */
import {
  runVectorChecks,
  type SuiteResult,
  type VectorCheck,
  type VectorFile,
  type VectorSuite,
} from '../../core/index.ts'
import { KEM_PRFS, type KemPrf } from '../../crypto/index.ts'
import type { PacketFormat } from '../geometry.ts'
import { unwrap } from '../unwrap.ts'
import { replayAdapter } from './adapter-replay.ts'
import { replayRoutingCommands } from './commands-replay.ts'
import { isVector, type Vector } from './fields.ts'
import { linkCommandChecks } from './link-commands-replay.ts'
import { replayCreation, replayUnwraps } from './packet-replay.ts'
import { geometryOf, type PacketVector, parsePacketVector } from './packet-vector.ts'

export { bolt04Suite, sphinxmixcryptoSuite } from '../variants/vectors/index.ts'

/** Packets, and files of routing or link commands. */
export const sphinxSuite: VectorSuite = suiteOf('sphinx', (document) => {
  if (Array.isArray(document)) return packetChecks(document, 'nike')
  if (!isVector(document)) return undefined
  if (Object.hasOwn(document, 'NextHopCmdWant'))
    return [check('commands', () => replayRoutingCommands(document))]
  if (Object.hasOwn(document, 'RetrieveMessage')) return linkCommandChecks(document)
  return undefined
})

/** Packets, and files of the KEM's shared secrets. */
export const kemSphinxSuite: VectorSuite = suiteOf('kem-sphinx', (document) => {
  if (Array.isArray(document)) return packetChecks(document, 'kem')
  if (!isVector(document) || !Array.isArray(document.vectors)) return undefined
  return document.vectors.map((vector, i) => check(`#${i}`, () => replayAdapter(objectOf(vector))))
})

function suiteOf(
  name: string,
  checksOf: (document: unknown) => readonly VectorCheck[] | undefined,
): VectorSuite {
  return {
    name,
    run: async ({ path, content }: VectorFile): Promise<SuiteResult> =>
      await runVectorChecks(name, path, readChecks(content, checksOf)),
  }
}

function readChecks(
  content: string,
  checksOf: (document: unknown) => readonly VectorCheck[] | undefined,
): readonly VectorCheck[] {
  let document: unknown
  try {
    document = JSON.parse(content)
  } catch {
    return [failing('the file is not JSON')]
  }
  const checks = checksOf(document)
  return checks === undefined || checks.length === 0
    ? [failing('the file holds no vectors of this suite')]
    : checks
}

function failing(reason: string): VectorCheck {
  return check('file', () => {
    throw new Error(reason)
  })
}

function check(id: string, run: VectorCheck['run']): VectorCheck {
  return { id, run }
}

function objectOf(value: unknown): Vector {
  if (!isVector(value)) throw new Error('not an object')
  return value
}

function packetChecks(tests: readonly unknown[], format: PacketFormat): readonly VectorCheck[] {
  return tests.flatMap((test, i) => [
    check(`#${i} unwrap`, (note) => {
      const vector = parsePacketVector(objectOf(test))
      const prf = prfOf(vector, format)
      if (format === 'kem') note(`the shared secrets are those of ${prf}`)
      replayUnwraps(geometryOf(vector, format, prf), vector)
    }),
    check(`#${i} create`, () => {
      const vector = parsePacketVector(objectOf(test))
      replayCreation(geometryOf(vector, format, prfOf(vector, format)), vector)
    }),
  ])
}

/** Files of packets do not name the function of the KEM: it is the one that makes the first MAC right. */
function prfOf(vector: PacketVector, format: PacketFormat): KemPrf {
  const [first] = KEM_PRFS
  if (format === 'nike') return first
  const fits = (prf: KemPrf): boolean => {
    const [key] = vector.keys
    const [packet] = vector.packets
    if (key === undefined || packet === undefined) return false
    const unwrapped = unwrap(geometryOf(vector, format, prf), key, packet)
    return unwrapped.kind !== 'drop' || unwrapped.replayTag !== undefined
  }
  return KEM_PRFS.find(fits) ?? first
}
