/** Datagrams on a stream (section 12.1, service `udp`): each is a varint length and its bytes. */
import { concat, encodeVarint } from '../../../core/index.ts'
import type { ByteReader } from '../byte-reader.ts'
import { DATAGRAM_MOST } from './constants.ts'

export function encodeDatagram(datagram: Uint8Array): Uint8Array {
  return concat(encodeVarint(datagram.length), datagram)
}

/**
 * The next datagram; undefined when the stream ended behind the last one.
 * @throws AivError `E_MALFORMED` for one that is cut or longer than UDP carries
 */
export async function readDatagram(reader: ByteReader): Promise<Uint8Array | undefined> {
  return (await reader.atEnd()) ? undefined : await reader.item(DATAGRAM_MOST)
}
