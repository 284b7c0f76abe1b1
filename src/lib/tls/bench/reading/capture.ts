/** A capture of mixed TLS connections, made in memory, and what is known to be in it. */
import { SeededRandom } from '../../../core/index.ts'
import { PCAP_HEADER, pcapPacketBytes, writePcapPacket } from '../../observe/capture/index.ts'
import { CONNECTIONS_AT_ONCE, HELLOS, PIECE_BYTES } from '../constants.ts'
import { clientRecords, serverRecord } from '../sample-hellos.ts'
import { connectionTraffic, type ShownSegment } from './traffic.ts'

export interface CaptureContent {
  readonly packets: number
  readonly clientHellos: number
  readonly serverHellos: number
}

export interface MadeCapture extends CaptureContent {
  readonly bytes: Uint8Array
}

type Traffic = Generator<ShownSegment, void, void>

const NOISE_BYTES = 131_072
const FIRST_TIME_US = 1_795_564_800_000_000
const STEP_US = 10

/** @param length largest number of bytes; the last packet is whole */
export function makeCapture(length: number, seed = 0x70636170): MadeCapture {
  const random = new SeededRandom(seed)
  const noise = random.bytes(NOISE_BYTES)
  const clients = clientRecords(HELLOS, seed)
  let started = 0
  const begin = (): Traffic => {
    const client = clients[started % clients.length] as Uint8Array
    return connectionTraffic(started++, { client, server: serverRecord(random) }, noise, random)
  }
  const running = Array.from({ length: CONNECTIONS_AT_ONCE }, begin)
  const bytes = new Uint8Array(length)
  bytes.set(PCAP_HEADER)
  let at = PCAP_HEADER.length
  const count = { packets: 0, client: 0, server: 0 }
  for (;;) {
    const turn = random.below(running.length)
    const next = (running[turn] as Traffic).next()
    if (next.done === true) {
      running[turn] = begin()
      continue
    }
    const { segment, completes } = next.value
    if (at + pcapPacketBytes(segment) > length) break
    at = writePcapPacket(bytes, at, segment, FIRST_TIME_US + STEP_US * count.packets)
    count.packets++
    if (completes !== undefined) count[completes]++
  }
  return {
    bytes: bytes.subarray(0, at),
    packets: count.packets,
    clientHellos: count.client,
    serverHellos: count.server,
  }
}

/** The bytes as a file or a pipe brings them. */
export async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.subarray(at, at + PIECE_BYTES)
}
