/**
 * The key schedule of TLS 1.3 (RFC 8446 section 7.1): three secrets, each made from the one before, and what is derived
 * from them. A secret is erased as soon as the next one is made.
 */
import { EMPTY } from '../../core/index.ts'
import { erase, hkdfExtract, hmac, sha256, sha384 } from '../../crypto/index.ts'
import type { CipherSuite } from './cipher-suites.ts'
import { hkdfExpandLabel } from './hkdf-expand-label.ts'

type Hashing = Pick<CipherSuite, 'hash' | 'hashBytes'>

export interface TrafficSecrets {
  readonly client: Uint8Array
  readonly server: Uint8Array
}

export class KeySchedule {
  readonly #hashing: Hashing
  #secret: Uint8Array

  /** @param psk of a resumed session; absent in a full handshake */
  constructor(hashing: Hashing, psk?: Uint8Array) {
    this.#hashing = hashing
    const nothing = new Uint8Array(hashing.hashBytes)
    this.#secret = hkdfExtract(psk ?? nothing, nothing, hashing.hash)
  }

  /** The key of the binder of a resumption PSK, for {@link finishedMac}. */
  binderKey(): Uint8Array {
    return this.#derive('res binder', emptyHash(this.#hashing))
  }

  /** @param sharedSecret of the key agreement; erased by the caller */
  enterHandshake(sharedSecret: Uint8Array): void {
    this.#advance(sharedSecret)
  }

  /** @param transcript hash of ClientHello to ServerHello */
  handshakeTraffic(transcript: Uint8Array): TrafficSecrets {
    return {
      client: this.#derive('c hs traffic', transcript),
      server: this.#derive('s hs traffic', transcript),
    }
  }

  enterMaster(): void {
    this.#advance(new Uint8Array(this.#hashing.hashBytes))
  }

  /** @param transcript hash of ClientHello to the server's Finished */
  applicationTraffic(transcript: Uint8Array): TrafficSecrets {
    return {
      client: this.#derive('c ap traffic', transcript),
      server: this.#derive('s ap traffic', transcript),
    }
  }

  /** @param transcript as that of the application secrets */
  exporterSecret(transcript: Uint8Array): Uint8Array {
    return this.#derive('exp master', transcript)
  }

  /** @param transcript hash of ClientHello to the client's Finished */
  resumptionSecret(transcript: Uint8Array): Uint8Array {
    return this.#derive('res master', transcript)
  }

  erase(): void {
    erase(this.#secret)
  }

  #advance(input: Uint8Array): void {
    const salt = this.#derive('derived', emptyHash(this.#hashing))
    const next = hkdfExtract(input, salt, this.#hashing.hash)
    erase(this.#secret, salt)
    this.#secret = next
  }

  #derive(label: string, transcript: Uint8Array): Uint8Array {
    return deriveSecret(this.#hashing, this.#secret, label, transcript)
  }
}

/** Of a Finished message, or of a binder (RFC 8446 sections 4.4.4 and 4.2.11.2). */
export function finishedMac(hashing: Hashing, baseKey: Uint8Array, transcript: Uint8Array): Uint8Array {
  const key = hkdfExpandLabel(baseKey, 'finished', EMPTY, hashing.hashBytes, hashing.hash)
  const mac = hmac(hashing.hash, key, transcript)
  erase(key)
  return mac
}

/** After a KeyUpdate (RFC 8446 section 7.2). */
export function nextTrafficSecret(hashing: Hashing, secret: Uint8Array): Uint8Array {
  return hkdfExpandLabel(secret, 'traffic upd', EMPTY, hashing.hashBytes, hashing.hash)
}

/** The PSK of a ticket (RFC 8446 section 4.6.1). */
export function resumptionPsk(hashing: Hashing, resumptionSecret: Uint8Array, nonce: Uint8Array): Uint8Array {
  return hkdfExpandLabel(resumptionSecret, 'resumption', nonce, hashing.hashBytes, hashing.hash)
}

/**
 * Keying material for a protocol on top (RFC 8446 section 7.5).
 * @param length bytes, up to 255 digests
 */
export function exportKeyingMaterial(
  hashing: Hashing,
  exporterSecret: Uint8Array,
  label: string,
  context: Uint8Array,
  length: number,
): Uint8Array {
  const secret = deriveSecret(hashing, exporterSecret, label, emptyHash(hashing))
  const material = hkdfExpandLabel(secret, 'exporter', hashOf(hashing, context), length, hashing.hash)
  erase(secret)
  return material
}

function deriveSecret(
  { hash, hashBytes }: Hashing,
  secret: Uint8Array,
  label: string,
  transcript: Uint8Array,
): Uint8Array {
  return hkdfExpandLabel(secret, label, transcript, hashBytes, hash)
}

function emptyHash(hashing: Hashing): Uint8Array {
  return hashOf(hashing, EMPTY)
}

function hashOf({ hash }: Hashing, bytes: Uint8Array): Uint8Array {
  return hash === 'sha256' ? sha256(bytes) : sha384(bytes)
}
