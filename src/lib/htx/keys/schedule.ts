/**
 * The key schedule of HTX 1.1 (section 4): from the Noise split and, when bound, the TLS exporter, to the chain
 * secrets of both directions, the resumption secret R and the exporter master X.
 */
import { AivError, concat, EMPTY, utf8 } from '../../core/index.ts'
import { erase, hkdf, sha256 } from '../../crypto/index.ts'
import { type TrafficDirections, trafficDirections } from '../spec12/keys.ts'
import { directionsFromK0, exporterInfo, type SessionDirections } from './direction.ts'

const INNER = utf8('htx inner v1')
const RESUME = utf8('htx resume v1')
const PSK = utf8('htx psk v1')
const EXPORTER_MASTER = utf8('htx exporter master v1')
const BIND = utf8('htx bind v1')
const SESSION_ID = utf8('htx session id')

/** RFC 5869 limit for SHA-256, bytes. */
const EXPORTER_MOST = 8160

export interface NoiseResult {
  /** Initiator to responder, 32 bytes. */
  readonly k1: Uint8Array
  /** Responder to initiator, 32 bytes. */
  readonly k2: Uint8Array
  /** Final handshake hash, 32 bytes. */
  readonly h: Uint8Array
}

export interface SessionSecrets {
  readonly directions: SessionDirections
  /** In place of `directions`, which are erased, when the session speaks 1.2. */
  readonly traffic?: TrafficDirections
  /** First 8 bytes of SHA-256("htx session id" ‖ h): for logs. */
  readonly sessionId: Uint8Array
  readonly handshakeHash: Uint8Array
  readonly resumption: ResumptionSecret
  readonly exporter: SessionExporter
}

/** R of the specification. Erased as soon as the last ticket of the session was derived from it. */
export class ResumptionSecret {
  #secret: Uint8Array | undefined

  constructor(secret: Uint8Array) {
    this.#secret = secret
  }

  /**
   * The pre-shared key of one ticket, 32 bytes.
   * @param handle 16 bytes
   * @throws AivError `E_INTERNAL` once erased
   */
  pskFor(handle: Uint8Array): Uint8Array {
    if (this.#secret === undefined) throw new AivError('E_INTERNAL', 'the resumption secret is gone')
    return hkdf(this.#secret, handle, PSK, 32)
  }

  /** For vectors only. */
  expose(): Uint8Array | undefined {
    return this.#secret?.slice()
  }

  erase(): void {
    if (this.#secret !== undefined) erase(this.#secret)
    this.#secret = undefined
  }
}

/** X of the specification: keys for applications. It opens no frame. */
export class SessionExporter {
  readonly #master: Uint8Array

  constructor(master: Uint8Array) {
    this.#master = master
  }

  /**
   * @param label 1 to 255 bytes of UTF-8
   * @param length 1 to 8,160 bytes
   * @throws AivError `E_USAGE` outside these ranges
   */
  export(label: string, context: Uint8Array, length: number): Uint8Array {
    const labelBytes = utf8(label).length
    if (labelBytes < 1 || labelBytes > 255)
      throw new AivError('E_USAGE', 'an exporter label takes 1 to 255 bytes')
    if (!Number.isInteger(length) || length < 1 || length > EXPORTER_MOST) {
      throw new AivError('E_USAGE', `an exporter gives 1 to ${EXPORTER_MOST} bytes`)
    }
    return hkdf(this.#master, EMPTY, exporterInfo(label, context), length)
  }

  /** For vectors only. */
  expose(): Uint8Array {
    return this.#master.slice()
  }

  erase(): void {
    erase(this.#master)
  }
}

/** K0, 64 bytes: both chain secrets. */
export function deriveK0(noise: NoiseResult, salt: Uint8Array): Uint8Array {
  const ikm = concat(noise.k1, noise.k2)
  const k0 = hkdf(ikm, salt, concat(INNER, noise.h), 64)
  erase(ikm)
  return k0
}

/**
 * Derives everything a session needs and erases its inputs: k1, k2 and the exporter value do not outlive this call,
 * or rekeying would give no forward secrecy.
 * @param ekm 64 bytes of TLS exporter when the session is bound, else undefined
 * @param spec12Context what both HELLOs said, when they settled on 1.2
 */
export function deriveSessionSecrets(
  role: 'client' | 'server',
  noise: NoiseResult,
  ekm?: Uint8Array,
  spec12Context?: Uint8Array,
): SessionSecrets {
  const salt = ekm ?? EMPTY
  const ikm = concat(noise.k1, noise.k2)
  const k0 = deriveK0(noise, salt)
  const resumption = new ResumptionSecret(hkdf(ikm, salt, concat(RESUME, noise.h), 32))
  const exporter = new SessionExporter(hkdf(ikm, salt, concat(EXPORTER_MASTER, noise.h), 32))
  const directions = directionsFromK0(role, k0, noise.h)
  const traffic = spec12Context === undefined ? undefined : trafficDirections(role, ikm, salt, spec12Context)
  if (traffic !== undefined) {
    // A 1.2 session is never resumed, and its frames have keys of their own.
    resumption.erase()
    directions.send.erase()
    directions.receive.erase()
  }
  erase(ikm, noise.k1, noise.k2)
  if (ekm !== undefined) erase(ekm)
  return {
    directions,
    ...(traffic === undefined ? {} : { traffic }),
    sessionId: publicSessionId(noise.h),
    handshakeHash: noise.h,
    resumption,
    exporter,
  }
}

/** The 8-byte id that logs may name a session by. */
export function publicSessionId(handshakeHash: Uint8Array): Uint8Array {
  return sha256(SESSION_ID, handshakeHash).slice(0, 8)
}

/** bind32 of section 3.2: what a bound session puts into its prologue. */
export function bindData(ekm: Uint8Array): Uint8Array {
  return sha256(BIND, ekm)
}
