/**
 * One node's unwrapping of many packets: no object and no exception for a packet, results in fixed buffers. The answer is a
 * number; {@link dropReasonOf} names it. Bytes come from strangers, so no input may do more than be dropped and counted.
 */
import { isAllZero, readU32 } from '../core/index.ts'
import { erase, x25519 } from '../crypto/index.ts'
import { COMMAND_TAG, commandBytes } from './commands.ts'
import {
  AD_BYTES,
  COMMANDS_BYTES,
  ELEMENT_BYTES,
  MAC_BYTES,
  NODE_ID_BYTES,
  PAYLOAD_TAG_BYTES,
  RECIPIENT_ID_BYTES,
  REPLAY_TAG_BYTES,
  SURB_ID_BYTES,
  TAU_BYTES,
} from './constants.ts'
import { UNWRAP_DROP_REASONS, type UnwrapDropReason } from './drop-reason.ts'
import type { Geometry } from './geometry.ts'
import { PlainSphinxKernel, type SphinxKernel } from './kernel.ts'
import type { MixKey } from './mix-key.ts'

/** What {@link PacketUnwrapper.unwrap} answers where the packet is good. */
export const UNWRAP_STATUS = { forward: 0, deliver: 1, reply: 2 } as const
/** From here on an answer is a drop, and the rest the index of its reason. */
export const DROP_STATUS = 16

/** The reason that an answer stands for; undefined when the packet was not dropped. */
export function dropReasonOf(status: number): UnwrapDropReason | undefined {
  return UNWRAP_DROP_REASONS[status - DROP_STATUS]
}

function dropped(reason: UnwrapDropReason): number {
  return DROP_STATUS + UNWRAP_DROP_REASONS.indexOf(reason)
}

const WRONG_LENGTH = dropped('wrong_length')
const UNKNOWN_VERSION = dropped('unknown_version')
const NO_MIX_KEY = dropped('no_mix_key')
const LOW_ORDER_POINT = dropped('low_order_point')
const BAD_MAC = dropped('bad_mac')
const MALFORMED_COMMANDS = dropped('malformed_commands')
const UNEXPECTED_COMMANDS = dropped('unexpected_commands')
const BAD_PAYLOAD_TAG = dropped('bad_payload_tag')

const ABSENT = -1

export class PacketUnwrapper {
  /** Whether `tau` is computed: only nodes that choose delays themselves need it. */
  wantTau = false

  readonly #geometry: Geometry
  readonly #kernel: SphinxKernel
  readonly #payloadTag: Uint8Array
  readonly #packetElement: Uint8Array
  readonly #packetMac: Uint8Array
  readonly #message: Uint8Array
  readonly #body: Uint8Array
  #keys: readonly MixKey[] = []

  #nextAt = ABSENT
  #recipientAt = ABSENT
  #surbReplyAt = ABSENT
  #delayAt = ABSENT

  readonly #nextHop = new Uint8Array(NODE_ID_BYTES)
  readonly #recipient = new Uint8Array(RECIPIENT_ID_BYTES)
  readonly #surbId = new Uint8Array(SURB_ID_BYTES)
  readonly #replayTag = new Uint8Array(REPLAY_TAG_BYTES)
  readonly #tau = new Uint8Array(TAU_BYTES)
  #delayMs = 0
  #keyIndex = ABSENT
  #output: Uint8Array

  /** @param kernel of the same geometry, and of nobody else; nodes give the one of `loadSphinxKernel` */
  constructor(geometry: Geometry, kernel: SphinxKernel = new PlainSphinxKernel(geometry)) {
    const { packet } = kernel
    this.#geometry = geometry
    this.#kernel = kernel
    this.#packetElement = packet.subarray(AD_BYTES, AD_BYTES + ELEMENT_BYTES)
    this.#packetMac = packet.subarray(geometry.headerBytes - MAC_BYTES, geometry.headerBytes)
    this.#body = packet.subarray(geometry.headerBytes)
    this.#payloadTag = this.#body.subarray(0, PAYLOAD_TAG_BYTES)
    this.#message = this.#body.subarray(PAYLOAD_TAG_BYTES)
    this.#output = packet
  }

  /** The node's mix keys in the order in which they are tried: of the current epoch, the one before, the next. */
  setKeys(keys: readonly MixKey[]): void {
    this.#keys = keys
  }

  // The results of the last call. All arrays are overwritten by the next one.

  /** Id of the next node, 32 bytes; after `forward`. */
  get nextHop(): Uint8Array {
    return this.#nextHop
  }

  /** As the sender asked, 0 when it did not; after `forward`. */
  get delayMs(): number {
    return this.#delayMs
  }

  /** 32 bytes; after `deliver` and `reply`. */
  get recipient(): Uint8Array {
    return this.#recipient
  }

  /** 16 bytes; after `reply`. */
  get surbId(): Uint8Array {
    return this.#surbId
  }

  /** 32 bytes; after every answer whose header was authentic, `isAuthenticDrop` among them. */
  get replayTag(): Uint8Array {
    return this.#replayTag
  }

  /** 32 bytes, a secret; after `forward` when `wantTau` is set. */
  get tau(): Uint8Array {
    return this.#tau
  }

  /** Which of the keys fitted: each has its own replay filter. -1 when none did. */
  get keyIndex(): number {
    return this.#keyIndex
  }

  /** After `forward` the packet for the next node, after `deliver` the payload, after `reply` the payload still enciphered. */
  get output(): Uint8Array {
    return this.#output
  }

  /**
   * Takes one layer off a packet. The packet itself is not changed.
   * @returns one of {@link UNWRAP_STATUS}, or a drop
   */
  unwrap(packet: Uint8Array): number {
    this.#keyIndex = ABSENT
    this.#tau.fill(0)
    if (packet.length !== this.#geometry.packetBytes) return WRONG_LENGTH
    const kernel = this.#kernel
    // First the copy, then the checks: memory shared with others could change in between.
    kernel.packet.set(packet)
    if (kernel.packet[0] !== 0 || kernel.packet[1] !== 0) return UNKNOWN_VERSION
    if (this.#keys.length === 0) return NO_MIX_KEY
    const status = this.#tryKeys()
    kernel.wipe()
    return status
  }

  #tryKeys(): number {
    const kernel = this.#kernel
    for (let i = 0; i < this.#keys.length; i++) {
      const key = this.#keys[i] as MixKey
      const dh = key.sharedWith(this.#packetElement)
      // A point of low order is one for every key.
      if (dh === undefined) return LOW_ORDER_POINT
      kernel.dh.set(dh)
      erase(dh)
      kernel.hopPublic.set(key.publicKey)
      if (kernel.open()) {
        this.#keyIndex = i
        return this.#follow()
      }
    }
    return BAD_MAC
  }

  /** What the authentic slot asks for. */
  #follow(): number {
    this.#replayTag.set(this.#kernel.replayTag)
    if (!this.#readCommands()) return MALFORMED_COMMANDS
    const mayEnd = this.#recipientAt !== ABSENT && this.#delayAt === ABSENT
    if (this.#nextAt === ABSENT) return mayEnd ? this.#deliver() : UNEXPECTED_COMMANDS
    if (this.#recipientAt !== ABSENT || this.#surbReplyAt !== ABSENT) return UNEXPECTED_COMMANDS
    return this.#forward()
  }

  #forward(): number {
    const { slot, packet, tau } = this.#kernel
    const from = this.#nextAt
    for (let i = 0; i < NODE_ID_BYTES; i++) this.#nextHop[i] = slot[from + i] as number
    for (let i = 0; i < MAC_BYTES; i++) this.#packetMac[i] = slot[from + NODE_ID_BYTES + i] as number
    this.#delayMs = this.#delayAt === ABSENT ? 0 : readU32(slot, this.#delayAt)
    if (this.#geometry.format === 'kem') {
      for (let i = 0; i < ELEMENT_BYTES; i++) this.#packetElement[i] = slot[COMMANDS_BYTES + i] as number
    } else if (!this.#blind()) return LOW_ORDER_POINT
    if (this.wantTau) {
      this.#kernel.deriveTau()
      this.#tau.set(tau)
    }
    this.#output = packet
    return UNWRAP_STATUS.forward
  }

  #blind(): boolean {
    const blinded = x25519.multiply(this.#kernel.blindingScalar, this.#packetElement)
    if (blinded === undefined) return false
    this.#packetElement.set(blinded)
    return true
  }

  #deliver(): number {
    const { slot } = this.#kernel
    for (let i = 0; i < RECIPIENT_ID_BYTES; i++) this.#recipient[i] = slot[this.#recipientAt + i] as number
    if (this.#surbReplyAt !== ABSENT) {
      // Only the maker of the SURB has the keys that show the tag.
      for (let i = 0; i < SURB_ID_BYTES; i++) this.#surbId[i] = slot[this.#surbReplyAt + i] as number
      this.#output = this.#body
      return UNWRAP_STATUS.reply
    }
    if (!isAllZero(this.#payloadTag)) return BAD_PAYLOAD_TAG
    this.#output = this.#message
    return UNWRAP_STATUS.deliver
  }

  /** Where each command's body starts; false when the slot is malformed, in the sense of `decodeCommands`. */
  #readCommands(): boolean {
    const { slot } = this.#kernel
    this.#nextAt = ABSENT
    this.#recipientAt = ABSENT
    this.#surbReplyAt = ABSENT
    this.#delayAt = ABSENT
    let at = 0
    while (at < COMMANDS_BYTES) {
      const tag = slot[at] as number
      if (tag === COMMAND_TAG.null) return isZeroFrom(slot, at)
      const length = commandBytes(tag)
      if (length === 0 || at + length > COMMANDS_BYTES) return false
      if (!this.#note(tag, at + 1)) return false
      at += length
    }
    return true
  }

  /** False for the second command of a kind. */
  #note(tag: number, bodyAt: number): boolean {
    switch (tag) {
      case COMMAND_TAG.nextHop:
        if (this.#nextAt !== ABSENT) return false
        this.#nextAt = bodyAt
        return true
      case COMMAND_TAG.recipient:
        if (this.#recipientAt !== ABSENT) return false
        this.#recipientAt = bodyAt
        return true
      case COMMAND_TAG.surbReply:
        if (this.#surbReplyAt !== ABSENT) return false
        this.#surbReplyAt = bodyAt
        return true
      default:
        if (this.#delayAt !== ABSENT) return false
        this.#delayAt = bodyAt
        return true
    }
  }
}

function isZeroFrom(slot: Uint8Array, from: number): boolean {
  let any = 0
  for (let i = from; i < COMMANDS_BYTES; i++) any |= slot[i] as number
  return any === 0
}
