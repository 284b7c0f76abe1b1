/** What a handshake leaves behind for the session. */
import type { SessionSecrets } from '../keys/schedule.ts'
import type { SideParameters } from '../session/index.ts'
import type { LinkName } from './prologue.ts'
import type { Suite } from './suites.ts'

/** What this side says about itself in its HELLO. */
export interface LocalHello {
  /** Versions known, highest first. */
  readonly versions: readonly number[]
  /** FEATURES bits offered. */
  readonly features: number
  readonly parameters: SideParameters
}

export interface HandshakeResult {
  readonly suite: Suite
  readonly version: number
  readonly secrets: SessionSecrets
  readonly local: SideParameters
  readonly remote: SideParameters
  /** Confirmed by both sides. */
  readonly features: number
}

/** What both roles need to know of the link below. */
export interface LinkContext {
  readonly link: LinkName
  /** 64 bytes of TLS exporter when the session is bound to the outer TLS; erased when used. */
  readonly ekm?: Uint8Array
}

/** Fixed inputs in place of random ones, for replaying recorded handshakes. */
export interface HandshakeRandomness {
  readonly ephemeralPrivate?: Uint8Array
  /** 64 bytes `d ‖ z` of the ML-KEM key (initiator). */
  readonly kemSeed?: Uint8Array
  /** 32 bytes of encapsulation randomness (responder). */
  readonly kemMessage?: Uint8Array
  /** Whole payloads per message in place of our own HELLO. */
  readonly payloads?: readonly (Uint8Array | undefined)[]
  /** PAD length per message; undefined in it leaves PAD out. */
  readonly padLengths?: readonly (number | undefined)[]
}
