/** Hostile datagrams against what reads QUIC and DTLS: changed ones, forged ones, and honest ones in any order. */
import { concat, SeededRandom, toHex, u32 } from '../../../src/lib/core/index.ts'
import { DtlsHellos, QuicHellos } from '../../../src/lib/tls/index.ts'
import { dtlsFragment, dtlsRecord } from '../dtls-datagrams.ts'
import { cryptoFrame, quicSamples, sealInitial } from '../quic-initial.ts'
import { pickOne } from '../session-mutation.ts'
import { corrupt, fail } from './corruption.ts'
import { plausibleHello } from './material.ts'

/** Room for the longest hello of one flow, and the map of what is there of it. */
const LIMITS = { maxFlows: 4, maxHeldBytes: 256 * 1024 }
export const DATAGRAMS_PER_RUN = 4

const QUIC_SKIPS: ReadonlySet<string> = new Set([
  'unsupported-version',
  'malformed-header',
  'different-connection-id',
  'too-many-packets',
  'from-server',
  'undecryptable',
  'malformed-frames',
  'contradiction',
  'too-large',
  'not-client-hello',
])
const DTLS_SKIPS: ReadonlySet<string> = new Set([
  'malformed-record',
  'malformed-fragment',
  'contradiction',
  'too-large',
])

interface Outcome {
  readonly messages: readonly Uint8Array[]
  readonly skips: readonly string[]
}

/** Messages with their own length, known reasons, no more memory than allowed. */
function expectTyped(
  { messages, skips }: Outcome,
  known: ReadonlySet<string>,
  heldBytes: number,
  datagram: Uint8Array,
): void {
  for (const found of messages)
    if (toHex(found.subarray(0, 4)) !== toHex(concat(Uint8Array.of(1), u32(found.length - 4).subarray(1))))
      fail('a message that is none', datagram)
  for (const skip of skips) if (!known.has(skip)) fail(`an unknown reason ${skip}`, datagram)
  if (heldBytes > LIMITS.maxHeldBytes) fail(`${heldBytes} bytes held`, datagram)
}

/** One hello in one to four packets of one client, sealed once: what verifies must come from here. */
function sealedHello(seed: number): {
  readonly hello: Uint8Array
  readonly datagrams: readonly Uint8Array[]
} {
  const random = new SeededRandom(seed)
  const hello = plausibleHello(random)
  const ids = { destinationId: random.bytes(8), sourceId: random.bytes(random.below(9)) }
  const version = pickOne(random, [1, 2] as const)
  const cuts = Array.from({ length: random.below(4) }, () => random.below(hello.length)).sort((a, b) => a - b)
  const datagrams = [0, ...cuts].map((start, packetNumber) => {
    const end = cuts[packetNumber] ?? hello.length
    const frames = concat(cryptoFrame(start, hello.subarray(start, end)), new Uint8Array(20))
    return sealInitial({ ...ids, version, packetNumber, packetNumberBytes: 2, frames })
  })
  return { hello, datagrams }
}

const SEALED = Array.from({ length: 40 }, (_, seed) => seed)
  .map(sealedHello)
  .filter(({ hello }) => hello.length < 20_000)

/** Datagrams of QUIC clients, each with its hello. */
export function quicHello(random: SeededRandom): (typeof SEALED)[number] {
  return pickOne(random, SEALED)
}

const SERVER = [9001, 9369].map((rfc) => Buffer.from(quicSamples(rfc as 9001 | 9369).server.packet, 'hex'))

export function fuzzQuic(seed: number): void {
  const random = new SeededRandom(seed)
  const hellos = new QuicHellos(LIMITS)
  const { hello, datagrams } = quicHello(random)
  const isHonest = random.chance(0.2)
  // In any order and some twice, but all of them; or a few datagrams of which most are changed.
  const sent = isHonest
    ? shuffled(random, [...datagrams, pickOne(random, datagrams)])
    : strangeDatagrams(random, datagrams)
  const found: Uint8Array[] = []
  for (const datagram of sent) {
    const outcome = hellos.datagram('flow', datagram)
    expectTyped(outcome, QUIC_SKIPS, hellos.heldBytes, datagram)
    found.push(...outcome.messages)
  }
  if (isHonest && found.map(toHex).join() !== toHex(hello))
    fail('a hello that was lost or doubled', concat(...sent))
}

function strangeDatagrams(random: SeededRandom, datagrams: readonly Uint8Array[]): readonly Uint8Array[] {
  return Array.from({ length: DATAGRAMS_PER_RUN }, () => {
    const kind = random.below(10)
    const packet = pickOne(random, datagrams)
    if (kind < 5) return corrupt(random, packet)
    if (kind === 5) return packet
    if (kind === 6) return concat(packet, corrupt(random, pickOne(random, SERVER)))
    if (kind === 7) return concat(...Array.from({ length: 18 }, () => packet.subarray(0, 60)))
    return sealInitial({
      version: pickOne(random, [1, 2] as const),
      destinationId: random.bytes(8),
      packetNumber: random.below(300),
      packetNumberBytes: pickOne(random, [1, 2, 3, 4] as const),
      reservedBits: random.below(2),
      frames: strangeFrames(random),
    })
  })
}

/** They verify, and hold anything: frames that overlap, contradict each other, or lie far out. */
function strangeFrames(random: SeededRandom): Uint8Array {
  const hello = plausibleHello(random).subarray(0, 1_000)
  const parts = Array.from({ length: random.below(6) }, () => {
    const at = random.below(hello.length)
    switch (random.below(5)) {
      case 0:
        return random.bytes(random.below(20))
      case 1:
        return cryptoFrame(at, random.bytes(random.below(60)))
      case 2:
        return cryptoFrame(pickOne(random, [65_535, 65_536, 70_000, 2 ** 53]), random.bytes(random.below(9)))
      case 3:
        return Uint8Array.of(pickOne(random, [0, 1, 2, 3, 6, 0x1c, 0x40, 0xff]))
      default:
        return cryptoFrame(at, hello.subarray(at, at + random.below(300)))
    }
  })
  return concat(...parts, new Uint8Array(20))
}

export function fuzzDtls(seed: number): void {
  const random = new SeededRandom(seed)
  const hellos = new DtlsHellos(LIMITS)
  const { hello, datagrams } = dtlsHello(random)
  const isHonest = random.chance(0.2)
  const sent = isHonest
    ? shuffled(random, [...datagrams, pickOne(random, datagrams)])
    : Array.from({ length: DATAGRAMS_PER_RUN }, () => {
        const datagram = pickOne(random, datagrams)
        return random.chance(0.8) ? corrupt(random, datagram) : concat(datagram, pickOne(random, datagrams))
      })
  const found: Uint8Array[] = []
  for (const datagram of sent) {
    if (datagram.length === 0) continue
    const outcome = hellos.datagram('flow', datagram)
    expectTyped(outcome, DTLS_SKIPS, hellos.heldBytes, datagram)
    found.push(...outcome.messages)
  }
  if (isHonest && found.map(toHex).join() !== toHex(hello))
    fail('a hello that was lost or doubled', concat(...sent))
}

/** A hello in one or more fragments, one a datagram. */
export function dtlsHello(random: SeededRandom): {
  readonly hello: Uint8Array
  readonly datagrams: readonly Uint8Array[]
} {
  const hello = plausibleHello(random, true)
  const body = hello.subarray(4)
  const step = Math.ceil(body.length / (1 + random.below(4)))
  const datagrams: Uint8Array[] = []
  for (let offset = 0; offset < body.length; offset += Math.min(step, 16_000)) {
    const data = body.subarray(offset, offset + Math.min(step, 16_000))
    const fragment = dtlsFragment({ type: 1, length: body.length, messageSeq: 0, offset, data })
    datagrams.push(dtlsRecord(fragment, { version: pickOne(random, ['feff', 'fefd'] as const) }))
  }
  return { hello, datagrams }
}

export function shuffled<T>(random: SeededRandom, items: readonly T[]): readonly T[] {
  const out = [...items]
  for (let i = out.length - 1; i > 0; i--) {
    const j = random.below(i + 1)
    ;[out[i], out[j]] = [out[j] as T, out[i] as T]
  }
  return out
}
