/** Recordings written byte by byte as the format says, and the recorded sessions of the vectors. */
import { readFileSync } from 'node:fs'
import { conformancePath } from './conformance.ts'

export interface RecordedSession {
  readonly id: string
  readonly handshake_hash: string
  readonly wire_message_1: string
  readonly wire_client_to_server: string
  readonly wire_server_to_client: string
  readonly keys: readonly {
    readonly direction: 'c' | 's'
    readonly generation: number
    readonly chain_secret: string
  }[]
  readonly frames: readonly {
    readonly direction: 'c' | 's'
    readonly generation: number
    readonly what: string
    readonly plaintext: string
    readonly header_aad: string
  }[]
}

/** Empty where the vectors are not there. */
export function recordedSessions(): readonly RecordedSession[] {
  const path = conformancePath('htx', 'sessions.json')
  if (path === undefined) return []
  return (JSON.parse(readFileSync(path, 'utf8')) as { vectors: RecordedSession[] }).vectors
}

/** One record. */
export function record(direction: string, bytes: Uint8Array, timeUs = 1_790_000_000_000_000n): Buffer {
  const head = Buffer.alloc(13)
  head.write(direction, 0, 'latin1')
  head.writeBigUInt64BE(timeUs, 1)
  head.writeUInt32BE(bytes.length, 9)
  return Buffer.concat([head, bytes])
}

export function recording(...records: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('HTXREC1\n', 'latin1'), ...records])
}

/** The whole session, message 1 in a record of its own. */
export function recordingOf(session: RecordedSession): Buffer {
  const client = Buffer.from(session.wire_client_to_server, 'hex')
  const first = session.wire_message_1.length / 2
  return recording(
    record('c', client.subarray(0, first)),
    record('s', Buffer.from(session.wire_server_to_client, 'hex')),
    record('c', client.subarray(first)),
  )
}

/** The key log of a session; `generations` limits it. */
export function keyLogOf(session: RecordedSession, generations = (_: number) => true): string {
  return session.keys
    .filter(({ generation }) => generations(generation))
    .map(
      ({ direction, generation, chain_secret }) =>
        `HTX_SECRET ${session.handshake_hash} ${direction} ${generation} ${chain_secret}\n`,
    )
    .join('')
}
