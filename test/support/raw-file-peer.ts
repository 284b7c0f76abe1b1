/** A peer of the file service that says whatever a test wants: the wire of section 12.2 written by hand. */
import { type CborMap, concat, encodeCbor, encodeVarint, ManualClock } from '../../src/lib/core/index.ts'
import type { HtxSession } from '../../src/lib/htx/endpoint/htx-session.ts'
import type { HtxStream } from '../../src/lib/htx/endpoint/htx-stream.ts'
import { acceptService } from '../../src/lib/htx/service/accept-service.ts'
import type { ByteReader } from '../../src/lib/htx/service/byte-reader.ts'
import { encodeServiceHeader, parseServiceHeader } from '../../src/lib/htx/service/header.ts'
import { openService } from '../../src/lib/htx/service/open-service.ts'
import { fingerprintOfBytes, sha256Hex } from './file-exchange.ts'
import { StreamPair } from './stream-pair.ts'

export interface RawPeer {
  readonly stream: HtxStream
  readonly reader: ByteReader
}

/** Parameters of an honest put of `bytes`. */
export function offerOfBytes(name: string, bytes: Uint8Array): CborMap {
  return {
    op: 'put',
    name,
    size: bytes.length,
    mtime: 1_700_000_000,
    mode: 0o644,
    fingerprint: fingerprintOfBytes(bytes),
  }
}

export function digestOf(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.from(sha256Hex(...parts), 'hex'))
}

export function item(map: CborMap): Uint8Array {
  return itemOf(encodeCbor(map))
}

/** Any bytes behind their length. */
export function itemOf(body: Uint8Array): Uint8Array {
  return concat(encodeVarint(body.length), body)
}

/** Opens `file/1`; rejects when the acceptor refuses. */
export async function openFileService(client: HtxSession, params: CborMap): Promise<RawPeer> {
  return await openService(client, 'file/1', params)
}

/** Everything the other side says until it ends, as bytes. */
export async function restOf({ reader }: RawPeer): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  for (;;) {
    const chunk = await reader.chunk(65_536)
    if (chunk === undefined) return concat(...parts)
    parts.push(chunk)
  }
}

/** Status 1 and its message; fails on any other answer. */
export function refusalIn(bytes: Uint8Array): string {
  if (bytes[0] !== 1) throw new Error(`status ${bytes[0]}`)
  const long = (bytes[1] as number) >= 0x40
  return Buffer.from(bytes.subarray(long ? 3 : 2)).toString()
}

/** A session whose acceptor answers `file/1` with `answer`, after status 0 unless `judge` throws a refusal. */
export function hostileServer(
  answer: (peer: RawPeer, params: CborMap) => Promise<void>,
  judge: (params: CborMap) => void = () => {},
): StreamPair {
  const pair = new StreamPair({ clock: new ManualClock() })
  pair.server.onStream((stream) => {
    void acceptService(stream, pair.server, {
      clock: pair.clock,
      services: {
        'file/1': async ({ accept, params, reader }) => {
          judge(params)
          accept()
          await answer({ stream, reader }, params)
        },
      },
    })
  })
  return pair
}

/** A header with parameters that no encoder of ours writes. */
export function headerWith(params: Uint8Array): Uint8Array {
  const honest = encodeServiceHeader({ name: 'file/1', params: {} })
  const parsed = parseServiceHeader(honest)
  if (parsed === undefined) throw new Error('the header is not whole')
  return concat(honest.subarray(0, 7), itemOf(params))
}
