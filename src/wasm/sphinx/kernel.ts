/**
 * The symmetric work of one unwrap in one call: shared secret, key derivation, MAC, header stream, payload cipher, replay tag.
 * Its twin is the plain kernel of src/lib/sphinx; formats stand there. Memory only grows in `configure`, so views of it stay good.
 */
import { fillStream } from './aes256ctr.ts'
import { decryptPayload } from './aez.ts'
import { blake2xb32 } from './blake2b.ts'
import { chacha20Scalar } from './chacha20.ts'
import { copy32, copyBytes, xorBytes } from './bytes.ts'
import {
  BLIND_SEED,
  BLINDING_SCALAR,
  DH,
  DIGEST,
  HOP_PUBLIC,
  KEYS,
  MAC_KEY,
  REPLAY_TAG,
  SECRETS,
  SHARED_SECRET,
  SLOT,
  STREAM,
  STREAM_BYTES,
  TAU,
  WIDE,
} from './layout.ts'
import { expand, hmac, hmacKey, sha256End, sha256Start } from './sha256.ts'
import { sha512t256 } from './sha512t256.ts'

const NIKE: u32 = 0
const KEM_SHA256: u32 = 1
const KEM_BLAKE2B: u32 = 2

const ELEMENT_AT: u32 = 2
const ROUTING_AT: u32 = 34
const MAC_BYTES: u32 = 32
const COMMANDS_BYTES: u32 = 82
const ELEMENT_BYTES: u32 = 32
/** What the key stream is made of at once. */
const GROUP_BYTES: u32 = 128
/** A MAC, the payload's tag, and a byte of payload. */
const LEAST_REST: u32 = 32 + 32 + 1

const PAGE: u32 = 0x10000
const MAX_PACKET_BYTES: u32 = 1 << 20

/** "kemadapter-sha256-v1", then each part with its length in front: 128 bytes. */
const KEM_MESSAGE = memory.data<u8>([
  0x6b, 0x65, 0x6d, 0x61, 0x64, 0x61, 0x70, 0x74, 0x65, 0x72, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36, 0x2d, 0x76,
  0x31,
])
/** "katzenpost-kdf-v0-hkdf-sha256" and "aiv-mix-tau-v1". */
const KDF_INFO = memory.data<u8>([
  0x6b, 0x61, 0x74, 0x7a, 0x65, 0x6e, 0x70, 0x6f, 0x73, 0x74, 0x2d, 0x6b, 0x64, 0x66, 0x2d, 0x76, 0x30, 0x2d, 0x68,
  0x6b, 0x64, 0x66, 0x2d, 0x73, 0x68, 0x61, 0x32, 0x35, 0x36,
])
const KDF_INFO_BYTES: u32 = 29
const TAU_INFO = memory.data<u8>([
  0x61, 0x69, 0x76, 0x2d, 0x6d, 0x69, 0x78, 0x2d, 0x74, 0x61, 0x75, 0x2d, 0x76, 0x31,
])
const TAU_INFO_BYTES: u32 = 14
/** Where messages are put together. */
const MESSAGE: usize = WIDE

// Addresses for the caller.
export const dh: usize = DH
export const hopPublic: usize = HOP_PUBLIC
export const slot: usize = SLOT
export const blindingScalar: usize = BLINDING_SCALAR
export const tau: usize = TAU
export const replayTag: usize = REPLAY_TAG

let kind: u32 = NIKE
let routingBytes: u32 = 0
let slotBytes: u32 = 0
let packetBytes: u32 = 0

/** Address of the packet. */
export function packet(): usize {
  return (__heap_base + 15) & ~15
}

/**
 * Sets the sizes and makes room. To be called once, before anything else.
 * @returns false for sizes that do not go together; then nothing may follow
 */
export function configure(newKind: u32, hops: u32, newPacketBytes: u32): bool {
  kind = newKind
  slotBytes = newKind == NIKE ? COMMANDS_BYTES : COMMANDS_BYTES + ELEMENT_BYTES
  routingBytes = slotBytes * hops
  packetBytes = newPacketBytes
  const hasRoom = hops > 0 && hops < 64 && routingBytes + slotBytes + GROUP_BYTES <= <u32>STREAM_BYTES
  if (newKind > KEM_BLAKE2B || !hasRoom || newPacketBytes > MAX_PACKET_BYTES) return false
  if (newPacketBytes < ROUTING_AT + routingBytes + LEAST_REST) return false
  const pages = (<u32>packet() + newPacketBytes + PAGE - 1) / PAGE
  const present = <u32>memory.size()
  if (pages > present && memory.grow(pages - present) < 0) return false
  return true
}

/** Takes one layer off. False when the MAC is wrong; then the packet is as it was. */
export function open(): bool {
  const at = packet()
  if (kind == NIKE) copy32(SHARED_SECRET, DH)
  else deriveKemSecret(at + ELEMENT_AT)
  deriveKeys()
  const isAuthentic = checkMac(at)
  if (isAuthentic) {
    sha512t256(at + ELEMENT_AT, ELEMENT_BYTES, REPLAY_TAG)
    openHeader(at + ROUTING_AT)
    const headerBytes = ROUTING_AT + routingBytes + MAC_BYTES
    decryptPayload(at + headerBytes, packetBytes - headerBytes)
    if (kind == NIKE) chacha20Scalar(BLIND_SEED, BLINDING_SCALAR)
    eraseWork()
  } else wipe()
  return isAuthentic
}

/** The value that delays are made of, from the shared secret of the last packet. */
export function deriveTau(): void {
  hmacKey(SHARED_SECRET)
  copyBytes(MESSAGE + 32, TAU_INFO, TAU_INFO_BYTES)
  expand(MESSAGE, TAU_INFO_BYTES, 1, TAU)
}

/** Overwrites every secret of the last packet. */
export function wipe(): void {
  memory.fill(SECRETS, 0, KEYS - SECRETS)
  eraseWork()
}

/** All that was derived, without what the caller reads. */
function eraseWork(): void {
  memory.fill(KEYS, 0, STREAM - KEYS + routingBytes + slotBytes + GROUP_BYTES)
}

function deriveKemSecret(element: usize): void {
  if (kind == KEM_BLAKE2B) {
    // Above the place where BLAKE2b works.
    const message = WIDE + 0x200
    copy32(message, HOP_PUBLIC)
    copy32(message + 32, element)
    blake2xb32(DH, message, SHARED_SECRET)
    return
  }
  copyBytes(MESSAGE, KEM_MESSAGE, 20)
  appendPart(20, DH)
  appendPart(56, HOP_PUBLIC)
  appendPart(92, element)
  sha256Start()
  sha256End(MESSAGE, 128, 128, SHARED_SECRET)
}

function appendPart(offset: usize, part: usize): void {
  store<u32>(MESSAGE + offset, bswap<u32>(32))
  copy32(MESSAGE + offset + 4, part)
}

/** HKDF-Expand alone: the shared secret is the pseudorandom key. */
function deriveKeys(): void {
  hmacKey(SHARED_SECRET)
  copyBytes(MESSAGE + 32, KDF_INFO, KDF_INFO_BYTES)
  // Only `nike` blinds, which takes the fifth digest.
  expand(MESSAGE, KDF_INFO_BYTES, kind == NIKE ? 5 : 4, KEYS)
}

/** In time that depends on the sizes alone. */
function checkMac(at: usize): bool {
  const length = ROUTING_AT + routingBytes
  hmacKey(MAC_KEY)
  hmac(at, length, DIGEST)
  let difference: u64 = 0
  for (let i: usize = 0; i < 32; i += 8) difference |= load<u64>(DIGEST + i) ^ load<u64>(at + length + i)
  return difference == 0
}

function openHeader(routing: usize): void {
  fillStream(routingBytes + slotBytes)
  xorBytes(SLOT, routing, STREAM, slotBytes)
  // Towards lower addresses by a whole slot, so that nothing is read that was written.
  const kept = routingBytes - slotBytes
  xorBytes(routing, routing + slotBytes, STREAM + slotBytes, kept)
  // The sender knows what fills the place of the slot that is used up, and the MACs that follow cover it.
  copyBytes(routing + kept, STREAM + routingBytes, slotBytes)
}
