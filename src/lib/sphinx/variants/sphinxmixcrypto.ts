/**
 * The packet of sphinxmixcrypto and go-sphinxmixcrypto: Sphinx of 2009 over X25519 with BLAKE2b, ChaCha20 and LIONESS, five
 * hops at most. Two implementations agree on its vectors, with which the construction of this area is proved once more; no
 * network of ours speaks it.
 */
import { concat, EMPTY, isAllZero, type RandomSource } from '../../core/index.ts'
import {
  blake2b256,
  chacha20Keystream,
  constantTimeEqual,
  type VariableBlake2b,
  x25519,
} from '../../crypto/index.ts'
import { LIONESS_KEY_BYTES, lionessDecrypt, lionessEncrypt } from './lioness.ts'
import { type HeaderCiphers, type HeaderHop, nestHeader, openRegion } from './nested-header.ts'

/** The security parameter: bytes of an id, of a MAC and of the zeros before a message. */
const K = 16
const MAX_HOPS = 5
const SLOT_BYTES = 2 * K
/** `beta`. */
export const REGION_BYTES = (2 * MAX_HOPS + 1) * K
/** `delta`. */
export const PAYLOAD_BYTES = 1024

/** First byte of what is hashed: one key, one purpose. */
const PREFIX = { blind: 0x11, stream: 0x22, mac: 0x33 } as const

/** First byte of a slot and of a destination: the end of the path; an id of a mix; else the length of a client's name. */
const EXIT = 0x00
const MIX = 0xff
const LONGEST_NAME = 127

export interface MixHop {
  /** 16 bytes, the first 0xff. */
  readonly id: Uint8Array
  readonly publicKey: Uint8Array
}

export interface MixPacket {
  readonly alpha: Uint8Array
  readonly beta: Uint8Array
  readonly gamma: Uint8Array
  readonly delta: Uint8Array
}

export type UnwrappedMix =
  | { readonly kind: 'forward'; readonly next: Uint8Array; readonly packet: MixPacket }
  | { readonly kind: 'deliver'; readonly destination: Uint8Array; readonly message: Uint8Array }
  | { readonly kind: 'drop' }

/**
 * A packet over 1 to 5 hops. Draws the secret, then the padding of the last slot.
 * @param destination 1 to 127 bytes
 */
export function createMixPacket(
  hash: VariableBlake2b,
  path: readonly MixHop[],
  destination: Uint8Array,
  message: Uint8Array,
  random: RandomSource,
): MixPacket {
  const secret = random.bytes(32)
  const last = concat(Uint8Array.of(EXIT), new Uint8Array(K))
  const padding = random.bytes((2 * (MAX_HOPS - path.length) + 3) * K - last.length)
  const { alpha, secrets } = shareSecrets(path, secret)
  const hops = path.map((_, i): HeaderHop => {
    const next = path[i + 1]
    const shared = secrets[i] as Uint8Array
    if (next === undefined) return { secret: shared, slotBytes: last.length, slot: () => last }
    return { secret: shared, slotBytes: SLOT_BYTES, slot: (mac) => concat(next.id, mac ?? EMPTY) }
  })
  const { region, mac } = nestHeader(ciphersOf(hash), REGION_BYTES, hops, padding)
  let delta: Uint8Array = bodyOf(destination, message)
  for (const shared of secrets.toReversed()) delta = lionessEncrypt(hash, blockKey(shared), delta)
  return { alpha, beta: region, gamma: mac, delta }
}

/** What the hop with this private key does with the packet. Never throws for bytes of a peer. */
export function unwrapMixPacket(
  hash: VariableBlake2b,
  privateKey: Uint8Array,
  { alpha, beta, gamma, delta }: MixPacket,
): UnwrappedMix {
  const secret = sharedSecret(privateKey, alpha)
  const ciphers = ciphersOf(hash)
  if (secret === undefined || !constantTimeEqual(ciphers.mac(secret, beta), gamma)) return { kind: 'drop' }
  const open = openRegion(ciphers, secret, beta, SLOT_BYTES)
  const payload = lionessDecrypt(hash, blockKey(secret), delta)
  if (open[0] === EXIT) return delivered(payload)
  const nextAlpha = open[0] === MIX ? sharedSecret(blindingFactor(alpha, secret), alpha) : undefined
  if (nextAlpha === undefined) return { kind: 'drop' }
  return {
    kind: 'forward',
    next: open.slice(0, K),
    packet: {
      alpha: nextAlpha,
      beta: open.slice(SLOT_BYTES),
      gamma: open.slice(K, SLOT_BYTES),
      delta: payload,
    },
  }
}

function delivered(payload: Uint8Array): UnwrappedMix {
  const nameBytes = payload[K] as number
  const padding = (payload.at(-2) as number) | ((payload.at(-1) as number) << 8)
  const start = K + 1 + nameBytes
  const end = payload.length - padding
  const isSound = isAllZero(payload.subarray(0, K)) && nameBytes > 0 && nameBytes <= LONGEST_NAME
  if (!isSound || end < start) return { kind: 'drop' }
  return { kind: 'deliver', destination: payload.slice(K + 1, start), message: payload.slice(start, end) }
}

/** Zeros, the destination with its length, the message, and padding whose length ends it, little-endian. */
function bodyOf(destination: Uint8Array, message: Uint8Array): Uint8Array {
  const body = new Uint8Array(PAYLOAD_BYTES)
  const used = concat(new Uint8Array(K), Uint8Array.of(destination.length), destination, message)
  body.set(used)
  const padding = PAYLOAD_BYTES - used.length
  body.set([padding & 0xff, padding >>> 8], PAYLOAD_BYTES - 2)
  return body
}

function shareSecrets(
  path: readonly MixHop[],
  secret: Uint8Array,
): { readonly alpha: Uint8Array; readonly secrets: readonly Uint8Array[] } {
  const factors = [secret]
  const first = x25519.fromPrivate(secret).publicKey
  let alpha: Uint8Array = first
  const secrets: Uint8Array[] = []
  for (const { publicKey } of path) {
    const shared = factors.reduce(
      (point, factor) => x25519.fromPrivate(factor).sharedSecret(point),
      publicKey,
    )
    const factor = blindingFactor(alpha, shared)
    alpha = x25519.fromPrivate(factor).sharedSecret(alpha)
    factors.push(factor)
    secrets.push(shared)
  }
  return { alpha: first, secrets }
}

/** The point times the scalar; undefined for points of low order. */
function sharedSecret(scalar: Uint8Array, point: Uint8Array): Uint8Array | undefined {
  try {
    return x25519.fromPrivate(scalar).sharedSecret(point)
  } catch {
    return undefined
  }
}

/** Clamped when it is used. */
export function blindingFactor(alpha: Uint8Array, secret: Uint8Array): Uint8Array {
  return blake2b256(Uint8Array.of(PREFIX.blind), alpha, secret)
}

const streamKey = (secret: Uint8Array): Uint8Array => blake2b256(Uint8Array.of(PREFIX.stream), secret)

/** From the key of the header's stream: sphinxmixcrypto has a prefix of its own for it and does not use it. */
const blockKey = (secret: Uint8Array): Uint8Array => chacha20Keystream(streamKey(secret), LIONESS_KEY_BYTES)

function ciphersOf(hash: VariableBlake2b): HeaderCiphers {
  return {
    stream: (secret, length) => chacha20Keystream(streamKey(secret), length),
    mac(secret, region) {
      const key = hash({ length: K }, Uint8Array.of(PREFIX.mac), secret)
      return hash({ key, length: K }, region)
    },
  }
}

/** The scalar as X25519 uses it (RFC 7748 section 5): what the vectors call a blinding factor. */
export function clamped(scalar: Uint8Array): Uint8Array {
  const out = scalar.slice()
  out[0] = (out[0] as number) & 0xf8
  out[31] = ((out[31] as number) & 0x7f) | 0x40
  return out
}
