/** The HTX vectors, which lie outside the repository: tests skip, and say why, where they are not. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { fromHex } from '../../src/lib/core/index.ts'
import type { SessionDirections } from '../../src/lib/htx/keys/direction.ts'
import { deriveSessionSecrets, type NoiseResult } from '../../src/lib/htx/keys/schedule.ts'

const FOLDER =
  process.env.AIV_CONFORMANCE_DIR ?? fileURLToPath(new URL('../../../shared/conformance', import.meta.url))

/** The vectors of one file such as `sessions.json`; undefined, with a printed reason, without the folder. */
export function htxVectors<T>(file: string): readonly T[] | undefined {
  const path = `${FOLDER}/htx/${file}`
  if (!existsSync(path)) {
    process.stdout.write(`skipped: no HTX vectors at ${path}; set AIV_CONFORMANCE_DIR\n`)
    return undefined
  }
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly vectors: readonly T[] }).vectors
}

export interface RecordedFrame {
  readonly direction: 'c' | 's'
  readonly generation: number
  readonly counter: number
  readonly what: string
  readonly header_aad: string
  readonly nonce: string
  readonly plaintext: string
  readonly frame: string
}

export interface RecordedKeys {
  readonly direction: 'c' | 's'
  readonly generation: number
  readonly chain_secret: string
  readonly key: string
  readonly nonce_salt: string
  readonly transcript_hash: string
}

/** A session of `sessions.json`, as far as what follows the handshake needs it. */
export interface RecordedSession {
  readonly id: string
  readonly handshake_hash: string
  readonly split_k1: string
  readonly split_k2: string
  readonly K0: string
  readonly keys: readonly RecordedKeys[]
  readonly frames: readonly RecordedFrame[]
  readonly resumption_secret: string
  readonly new_ticket: { readonly handle: string; readonly psk: string }
  readonly application_exporter: {
    readonly master: string
    readonly label: string
    readonly context: string
    readonly length: number
    readonly value: string
  }
}

/** A frame of `malformed.json` with the outcome it must have. */
export interface JudgedFrame {
  readonly id: string
  readonly kind: string
  readonly why: string
  readonly direction: 'c' | 's'
  readonly key: string
  readonly nonce_salt: string
  readonly counter: number
  readonly before_decryption?: boolean
  readonly frame: string
  readonly outcome: string
}

/** The Noise result that a recorded session starts from; fresh arrays, since the key schedule erases them. */
export function recordedNoise(session: RecordedSession): NoiseResult {
  return {
    k1: fromHex(session.split_k1),
    k2: fromHex(session.split_k2),
    h: fromHex(session.handshake_hash),
  }
}

/** The keys of one side as they stand before the frame `counter` of `generation`. */
export function recordedDirections(
  session: RecordedSession,
  role: 'client' | 'server',
  at: { readonly generation: number; readonly counter: number } = { generation: 0, counter: 0 },
): SessionDirections {
  const { directions } = deriveSessionSecrets(role, recordedNoise(session))
  for (let generation = 0; generation < at.generation; generation++) directions.send.update()
  for (let counter = 0; counter < at.counter; counter++) directions.send.nextNonce()
  return directions
}
