/** TLS structures as RFC 8446 section 3 writes them, for a server that shares no code with what it tries. */
export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}

/** Big-endian. */
export function number(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, at) => Math.floor(value / 256 ** (bytes - 1 - at)))
}

/** With a length of so many bytes before it. */
export function vector(lengthBytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(...parts)
  return joined(number(content.length, lengthBytes), content)
}

export function extension(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  return joined(number(type, 2), vector(2, ...body))
}

/** A handshake message. */
export function message(type: number, ...body: readonly Uint8Array[]): Uint8Array {
  return joined(Uint8Array.of(type), vector(3, ...body))
}

export const MESSAGE_TYPE = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  encryptedExtensions: 8,
  certificate: 11,
  certificateRequest: 13,
  certificateVerify: 15,
  finished: 20,
  keyUpdate: 24,
  compressedCertificate: 25,
} as const

export const RECORD_TYPE = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23 } as const

/** Reads forward. @throws RangeError at the end */
export class Reading {
  readonly #bytes: Uint8Array
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isDone(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(count: number): Uint8Array {
    if (this.#at + count > this.#bytes.length) throw new RangeError('a structure of the client is too short')
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  number(count: number): number {
    return this.bytes(count).reduce((value, byte) => value * 256 + byte, 0)
  }

  vector(lengthBytes: number): Uint8Array {
    return this.bytes(this.number(lengthBytes))
  }
}
