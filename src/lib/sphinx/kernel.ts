/**
 * The symmetric work of one unwrap between the Diffie-Hellman value and the routing commands: shared secret, key
 * derivation, MAC, header stream, payload cipher. A kernel owns its buffers and lives as long as its worker; nothing
 * that it needs for a packet is allocated for a packet where the implementation allows.
 */
import {
  aes256Ctr,
  aez5Decrypt,
  constantTimeEqual,
  erase,
  hmac,
  kemSecret,
  sha512t256,
} from '../crypto/index.ts'
import {
  AD_BYTES,
  ELEMENT_BYTES,
  MAC_BYTES,
  REPLAY_TAG_BYTES,
  SHARED_SECRET_BYTES,
  TAU_BYTES,
} from './constants.ts'
import type { Geometry } from './geometry.ts'
import { blindingScalar, deriveHopKeys, deriveTau, eraseHopKeys } from './hop-keys.ts'

export interface SphinxKernel {
  /** In: the packet. Out, after a successful `open`: routing slots and payload as the next hop gets them, in place. */
  readonly packet: Uint8Array
  /** In: the Diffie-Hellman value, 32 bytes. */
  readonly dh: Uint8Array
  /** In: the node's own mix key, 32 bytes; `kem` binds the secret to it. */
  readonly hopPublic: Uint8Array
  /** Out: the deciphered slot of this hop. */
  readonly slot: Uint8Array
  /** Out: the scalar for the next group element, 32 bytes; `nike` only. */
  readonly blindingScalar: Uint8Array
  /** Out: the replay tag, 32 bytes: SHA-512/256 of the group element. */
  readonly replayTag: Uint8Array
  /** Out, after `deriveTau`: 32 bytes. */
  readonly tau: Uint8Array
  /**
   * Takes one layer off.
   * @returns false when the MAC is wrong; then `packet` is as it was, and another key may be tried
   */
  open(): boolean
  /** Fills `tau` from the shared secret of the last successful `open`. */
  deriveTau(): void
  /** Overwrites every secret of the last packet. */
  wipe(): void
}

/** The kernel in plain TypeScript over node:crypto: what compiled kernels are held against, and what runs without one. */
export class PlainSphinxKernel implements SphinxKernel {
  readonly packet: Uint8Array
  readonly dh = new Uint8Array(SHARED_SECRET_BYTES)
  readonly hopPublic = new Uint8Array(ELEMENT_BYTES)
  readonly slot: Uint8Array
  readonly blindingScalar = new Uint8Array(32)
  readonly replayTag = new Uint8Array(REPLAY_TAG_BYTES)
  readonly tau = new Uint8Array(TAU_BYTES)
  readonly #geometry: Geometry
  readonly #secret = new Uint8Array(SHARED_SECRET_BYTES)
  readonly #element: Uint8Array
  readonly #authenticated: Uint8Array
  readonly #routing: Uint8Array
  readonly #mac: Uint8Array
  readonly #payload: Uint8Array

  constructor(geometry: Geometry) {
    const { packetBytes, headerBytes, routingBytes, slotBytes } = geometry
    const routingAt = AD_BYTES + ELEMENT_BYTES
    this.#geometry = geometry
    this.packet = new Uint8Array(packetBytes)
    this.slot = new Uint8Array(slotBytes)
    this.#element = this.packet.subarray(AD_BYTES, routingAt)
    this.#authenticated = this.packet.subarray(0, routingAt + routingBytes)
    this.#routing = this.packet.subarray(routingAt, routingAt + routingBytes)
    this.#mac = this.packet.subarray(headerBytes - MAC_BYTES, headerBytes)
    this.#payload = this.packet.subarray(headerBytes)
  }

  open(): boolean {
    const { format, prf, routingBytes, slotBytes } = this.#geometry
    if (format === 'kem') {
      const secret = kemSecret(prf, this.dh, this.hopPublic, this.#element)
      this.#secret.set(secret)
      erase(secret)
    } else this.#secret.set(this.dh)
    const keys = deriveHopKeys(this.#secret)
    const mac = hmac('sha256', keys.macKey, this.#authenticated)
    if (!constantTimeEqual(mac, this.#mac)) {
      erase(mac)
      eraseHopKeys(keys)
      this.wipe()
      return false
    }
    this.replayTag.set(sha512t256(this.#element))
    const stream = aes256Ctr(keys.streamKey, keys.iv, routingBytes + slotBytes)
    const routing = this.#routing
    for (let i = 0; i < slotBytes; i++) this.slot[i] = (routing[i] as number) ^ (stream[i] as number)
    // The place of the slot that is used up is filled with stream alone: the sender knows it, and its MACs cover it.
    for (let i = 0; i < routingBytes; i++) {
      const moved = i + slotBytes < routingBytes ? (routing[i + slotBytes] as number) : 0
      routing[i] = moved ^ (stream[i + slotBytes] as number)
    }
    const payload = aez5Decrypt(keys.sprpKey, keys.iv, this.#payload)
    this.#payload.set(payload)
    if (format === 'nike') {
      const scalar = blindingScalar(keys)
      this.blindingScalar.set(scalar)
      erase(scalar)
    }
    erase(stream, payload)
    eraseHopKeys(keys)
    return true
  }

  deriveTau(): void {
    const tau = deriveTau(this.#secret)
    this.tau.set(tau)
    erase(tau)
  }

  wipe(): void {
    erase(this.dh, this.#secret, this.replayTag, this.slot, this.blindingScalar, this.tau)
  }
}
