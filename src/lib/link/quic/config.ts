/** Settings of QUIC endpoints. */
import { concat } from '../../core/index.ts'
import { ed25519 } from '../../crypto/index.ts'
import {
  QUIC_CONNECTION_WINDOW_BYTES,
  QUIC_IDLE_TIMEOUT_MS,
  QUIC_KEEP_ALIVE_MS,
  QUIC_SOCKET_BUFFER_BYTES,
  QUIC_STREAM_WINDOW_BYTES,
} from '../constants.ts'
import type { QuicBinding, QuicConfig, QuicConfigValues } from './binding.ts'

/** Protobuf of a libp2p private key: type Ed25519, then 64 bytes of seed and public key. */
const PRIVATE_KEY_HEADER = Uint8Array.of(0x08, 0x01, 0x12, 0x40)

export interface QuicOptions {
  /** Milliseconds of silence after which the link is lost; default 45,000, for listeners 15,000. */
  readonly idleTimeoutMs?: number
}

/**
 * A key for one endpoint's outer certificate. It proves nothing, Noise proves the peer; a fresh one per endpoint keeps
 * whoever is dialled from telling that two connections come from one process.
 */
function throwAwayKey(): Uint8Array {
  const pair = ed25519.generate()
  const proto = concat(PRIVATE_KEY_HEADER, pair.exportSeed(), pair.publicKey)
  pair.erase()
  return proto
}

export function quicConfig(binding: QuicBinding, options: QuicOptions): QuicConfig {
  return new binding.QuinnConfig(quicConfigValues(options))
}

export function quicConfigValues(options: QuicOptions): QuicConfigValues {
  const maxIdleTimeout = options.idleTimeoutMs ?? QUIC_IDLE_TIMEOUT_MS
  return {
    handshakeTimeout: maxIdleTimeout,
    maxIdleTimeout,
    keepAliveInterval: Math.min(QUIC_KEEP_ALIVE_MS, Math.ceil(maxIdleTimeout / 3)),
    // One, and no other number: diallers tell from it that everything has arrived.
    maxConcurrentStreamLimit: 1,
    maxStreamData: QUIC_STREAM_WINDOW_BYTES,
    maxConnectionData: QUIC_CONNECTION_WINDOW_BYTES,
    receiveBufferSize: QUIC_SOCKET_BUFFER_BYTES,
    sendBufferSize: QUIC_SOCKET_BUFFER_BYTES,
    privateKeyProto: throwAwayKey(),
  }
}
