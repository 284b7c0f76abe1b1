/** The `htx` suite of `aiv lint vectors`: reads every file of the HTX vectors and tells them apart by their fields. */
import {
  runVectorChecks,
  type SuiteResult,
  type VectorCheck,
  type VectorFile,
  type VectorSuite,
} from '../../core/index.ts'
import { isVector, type Vector } from './fields.ts'
import { replayFirstFlight } from './first-flight-replay.ts'
import { replayMalformed } from './malformed-replay.ts'
import { replayName, replayVarint } from './names-replay.ts'
import { replaySession } from './session-replay.ts'
import { isSpec12, replaySpec12 } from './spec12-replay.ts'
import { isTicket, replayTicket } from './tickets-replay.ts'

const SUITE = 'htx'

export const htxSuite: VectorSuite = {
  name: SUITE,
  run: async (file: VectorFile): Promise<SuiteResult> =>
    await runVectorChecks(SUITE, file.path, checksOf(file.content)),
}

function checksOf(content: string): readonly VectorCheck[] {
  let vectors: readonly unknown[]
  try {
    vectors = vectorsOf(JSON.parse(content))
  } catch (error) {
    return [failing('file', error instanceof Error ? error.message : String(error))]
  }
  return vectors.map((vector, index) => {
    if (!isVector(vector)) return failing(`#${index}`, 'not an object')
    const id = typeof vector.id === 'string' ? vector.id : `#${index}`
    return { id, run: () => replay(vector) }
  })
}

function vectorsOf(document: unknown): readonly unknown[] {
  if (!isVector(document) || !Array.isArray(document.vectors))
    throw new Error('no list of vectors in the file')
  return document.vectors
}

function failing(id: string, reason: string): VectorCheck {
  return {
    id,
    run: () => {
      throw new Error(reason)
    },
  }
}

async function replay(vector: Vector): Promise<void> {
  if ('wire_client_to_server' in vector) return await replaySession(vector)
  if ('outcome' in vector) return await replayMalformed(vector)
  if ('canonical' in vector) return replayVarint(vector)
  if ('peer_id' in vector || 'session_id' in vector) return replayName(vector)
  if ('bits_per_byte' in vector) return replayFirstFlight(vector)
  if (isSpec12(vector)) return replaySpec12(vector)
  if (isTicket(vector)) return replayTicket(vector)
  throw new Error('a vector of an unknown form')
}
