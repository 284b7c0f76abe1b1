/** Numbers of QUIC version 1 (RFC 9000, RFC 9001) and version 2 (RFC 9369). */
import { fromHex } from '../../../core/index.ts'

/** What differs between the versions in an Initial packet. */
export interface QuicVersion {
  readonly wire: number
  /** Bits 4 and 5 of the first byte of an Initial and of a Retry packet (RFC 9000 section 17.2, RFC 9369 section 3.2). */
  readonly initialType: number
  readonly retryType: number
  /** RFC 9001 section 5.2, RFC 9369 section 3.3.1. */
  readonly initialSalt: Uint8Array
  /** First part of the labels of key, iv and header protection (RFC 9001 section 5.1, RFC 9369 section 3.3.2). */
  readonly labelPrefix: string
}

export const QUIC_VERSIONS: readonly QuicVersion[] = [
  {
    wire: 0x00000001,
    initialType: 0b00,
    retryType: 0b11,
    initialSalt: fromHex('38762cf7f55934b34d179ae6a4c80cadccbb7f0a'),
    labelPrefix: 'quic',
  },
  {
    wire: 0x6b3343cf,
    initialType: 0b01,
    retryType: 0b00,
    initialSalt: fromHex('0dede3def700a6db819381be6e269dcbf9bd2ed9'),
    labelPrefix: 'quicv2',
  },
]

/** Bytes; RFC 9000 section 17.2. */
export const MAX_CONNECTION_ID_BYTES = 20
/** Packet number bytes that the header protection sample skips, and bytes of the sample (RFC 9001 section 5.4.2). */
export const MAX_PACKET_NUMBER_BYTES = 4
export const HEADER_SAMPLE_BYTES = 16

/** A client's Initial stream holds one ClientHello, two after a HelloRetryRequest; none comes near this. */
export const MAX_CRYPTO_BYTES = 64 * 1024
/** Connection attempts kept for one flow: the first, one after a Retry, and some for a port that is used again. */
export const MAX_ATTEMPTS = 4
/** An honest datagram holds one packet a key: Initial, 0-RTT, Handshake, 1-RTT. */
export const MAX_COALESCED_PACKETS = 16
