/** The vector suite `noise`: replays published Noise vectors against this implementation. */
import {
  AivError,
  runVectorChecks,
  SkippedVector,
  type VectorCheck,
  type VectorSuite,
} from '../core/index.ts'
import { type CryptoProvider, loadNobleProvider, nodeProvider } from '../crypto/index.ts'
import { parseProtocol } from './protocol.ts'
import { parseVector, protocolNameOf, type VectorParty } from './vector-format.ts'
import { replayVector } from './vector-replay.ts'

/** The list in the file: bare, or under `vectors` as everybody publishes it. */
function vectorsOf(content: string): readonly unknown[] {
  let parsed: unknown
  try {
    parsed = JSON.parse(content)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'the file is not JSON', { cause })
  }
  const list = Array.isArray(parsed) ? parsed : (parsed as { vectors?: unknown } | null)?.vectors
  if (!Array.isArray(list)) throw new AivError('E_MALFORMED', 'the file holds no list of vectors')
  return list
}

/** An unknown protocol is skipped before the rest is read, because its keys may have other shapes. */
function skipUnknown(name: string | undefined): void {
  if (name === undefined) return
  try {
    parseProtocol(name)
  } catch (error) {
    throw new SkippedVector(error instanceof Error ? error.message : String(error))
  }
}

function replay(value: unknown, providerFor: (party: VectorParty) => CryptoProvider): void {
  skipUnknown(protocolNameOf(value))
  const vector = parseVector(value)
  replayVector(vector, {
    initiator: providerFor(vector.initiator),
    responder: providerFor(vector.responder),
  })
}

export const noiseSuite: VectorSuite = {
  name: 'noise',
  async run({ path, content }) {
    let vectors: readonly unknown[]
    try {
      vectors = vectorsOf(content)
    } catch (error) {
      return runVectorChecks('noise', path, [
        {
          id: 'file',
          run() {
            throw error
          },
        },
      ])
    }
    // node:crypto cannot repeat an encapsulation, so a side with given randomness is played by the other provider.
    const noble = await loadNobleProvider()
    const providerFor = (party: VectorParty): CryptoProvider =>
      party.kemMessage === undefined ? nodeProvider : noble
    const checks = vectors.map(
      (value, i): VectorCheck => ({
        id: `${i} ${protocolNameOf(value) ?? 'unnamed'}`,
        run: () => replay(value, providerFor),
      }),
    )
    return runVectorChecks('noise', path, checks)
  },
}
