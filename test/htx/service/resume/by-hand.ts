/** A peer that speaks `resume/1` without the code that does so for it. */
import { type CborMap, concat, encodeVarint } from '../../../../src/lib/core/index.ts'
import {
  connect,
  type HtxSession,
  type HtxStream,
  openService,
  RESUME_SERVICE,
} from '../../../../src/lib/htx/index.ts'
import { CLIENT } from '../../endpoint/endpoints.ts'
import type { Continuing } from './continuing.ts'

export const ID = new Uint8Array(16).fill(9)

/** An id of its own for each number. */
export function idOf(number: number): Uint8Array {
  const id = new Uint8Array(16)
  new DataView(id.buffer).setUint32(0, number)
  return id
}

export async function session(running: Continuing, identity = CLIENT): Promise<HtxSession> {
  return await connect(running.listener.address, { identity, clock: running.clock })
}

/** Opens `resume/1`. Returns its stream and the acceptor's count. */
export async function open(
  on: HtxSession,
  params: CborMap = {},
): Promise<{ readonly stream: HtxStream; readonly count: bigint }> {
  const all = { id: ID, service: 'echo', params: {}, received: null, ...params }
  const { stream, reader } = await openService(on, RESUME_SERVICE, all)
  stream.on('error', () => {})
  const count = Buffer.from(await reader.exactly(8)).readBigUInt64BE()
  reader.release()
  return { stream, count }
}

/** A DATA record. */
export function data(bytes: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(0), encodeVarint(bytes.length), bytes)
}
