/**
 * A second reader of ClientHello records, written from RFC 8446 sections 4.1.2, 4.2 and 5.1 alone, so that what our
 * code writes is not judged by what our code reads. Any byte that is not where the RFC says is an error.
 */

export interface ReferenceExtension {
  readonly type: number
  readonly body: Buffer
}

export interface ReferenceHello {
  readonly recordVersion: number
  /** Of the record's content, header not included. */
  readonly recordLength: number
  readonly legacyVersion: number
  readonly random: Buffer
  readonly sessionId: Buffer
  readonly cipherSuites: readonly number[]
  readonly compression: Buffer
  readonly extensions: readonly ReferenceExtension[]
}

export class Cursor {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes)
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  bytes(length: number): Buffer {
    const part = this.#bytes.subarray(this.#at, this.#at + length)
    if (part.length !== length) throw new Error(`${length} bytes asked for, ${part.length} there`)
    this.#at += length
    return part
  }

  number(width: number): number {
    return this.bytes(width).readUIntBE(0, width)
  }

  /** opaque name<…> with a length of `width` bytes. */
  vector(width: number): Buffer {
    return this.bytes(this.number(width))
  }

  end(): void {
    if (!this.isAtEnd) throw new Error(`${this.#bytes.length - this.#at} bytes behind the end`)
  }
}

/** Exactly one record with exactly one ClientHello. */
export function readRecord(bytes: Uint8Array): ReferenceHello {
  const input = new Cursor(bytes)
  if (input.number(1) !== 22) throw new Error('no handshake record')
  const recordVersion = input.number(2)
  const content = input.vector(2)
  if (content.length > 2 ** 14) throw new Error('a record above 2^14 bytes')
  input.end()
  const message = new Cursor(content)
  if (message.number(1) !== 1) throw new Error('no ClientHello')
  const hello = new Cursor(message.vector(3))
  message.end()
  const read = {
    recordVersion,
    recordLength: content.length,
    legacyVersion: hello.number(2),
    random: hello.bytes(32),
    sessionId: hello.vector(1),
    cipherSuites: numbers(hello.vector(2)),
    compression: hello.vector(1),
    extensions: extensionsOf(hello.vector(2)),
  }
  hello.end()
  return read
}

/** The first record of what a client sent. */
export function firstRecord(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, 5 + Buffer.from(bytes).readUInt16BE(3))
}

function extensionsOf(bytes: Buffer): readonly ReferenceExtension[] {
  const cursor = new Cursor(bytes)
  const extensions: ReferenceExtension[] = []
  while (!cursor.isAtEnd) extensions.push({ type: cursor.number(2), body: cursor.vector(2) })
  const types = new Set(extensions.map(({ type }) => type))
  // Section 4.2: "There MUST NOT be more than one extension of the same type".
  if (types.size !== extensions.length) throw new Error('two extensions of one type')
  return extensions
}

/** Two bytes each. */
export function numbers(bytes: Buffer): readonly number[] {
  const cursor = new Cursor(bytes)
  const list: number[] = []
  while (!cursor.isAtEnd) list.push(cursor.number(2))
  return list
}

/** Of an extension whose body is one vector of 16-bit numbers, with a length of `width` bytes. */
export function numberList(hello: ReferenceHello, type: number, width: 1 | 2): readonly number[] {
  const cursor = new Cursor(bodyOf(hello, type))
  const list = numbers(cursor.vector(width))
  cursor.end()
  return list
}

export function bodyOf({ extensions }: ReferenceHello, type: number): Buffer {
  const found = extensions.find((each) => each.type === type)
  if (found === undefined) throw new Error(`no extension ${type.toString(16)}`)
  return found.body
}

export interface ReferenceShare {
  readonly group: number
  readonly key: Buffer
}

/** Section 4.2.8. */
export function sharesOf(hello: ReferenceHello): readonly ReferenceShare[] {
  const cursor = new Cursor(bodyOf(hello, 0x0033))
  const list = new Cursor(cursor.vector(2))
  cursor.end()
  const shares: ReferenceShare[] = []
  while (!list.isAtEnd) shares.push({ group: list.number(2), key: list.vector(2) })
  return shares
}

/** RFC 9849 section 5, the outer form. */
export interface ReferenceEch {
  readonly kdf: number
  readonly aead: number
  readonly configId: number
  readonly enc: Buffer
  readonly payload: Buffer
}

export function echOf(hello: ReferenceHello): ReferenceEch {
  const cursor = new Cursor(bodyOf(hello, 0xfe0d))
  if (cursor.number(1) !== 0) throw new Error('not the outer form')
  const ech = {
    kdf: cursor.number(2),
    aead: cursor.number(2),
    configId: cursor.number(1),
    enc: cursor.vector(2),
    payload: cursor.vector(2),
  }
  cursor.end()
  return ech
}

/** RFC 8701 section 2. */
export function isGreaseValue(value: number): boolean {
  return value % 0x1010 === 0x0a0a
}
