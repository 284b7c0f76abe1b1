/** The example of RFC 9934, and the hellos of a real Chromium with their key. */
import { readFileSync } from 'node:fs'
import { concat } from '../../src/lib/core/index.ts'
import { x25519 } from '../../src/lib/crypto/index.ts'
import type { ListedConfig } from '../../src/lib/tls/index.ts'
import { conformancePath } from './conformance.ts'

/** RFC 9934 section 3. */
export const RFC9934_LIST =
  'AD7+DQA65wAgACA8wVN2BtscOl3vQheUzHeIkVmKIiydUhDCliA4iyQRCwAEAAEAAQALZXhhbXBsZS5jb20AAA=='
export const RFC9934_FILE = `-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VuBCIEICjd4yGRdsoP9gU7YT7My8DHx1Tjme8GYDXrOMCi8v1V
-----END PRIVATE KEY-----
-----BEGIN ECHCONFIG-----
AD7+DQA65wAgACA8wVN2BtscOl3vQheUzHeIkVmKIiydUhDCliA4iyQRCwAEAAEA
AQALZXhhbXBsZS5jb20AAA==
-----END ECHCONFIG-----
`

export function base64(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'))
}

export interface CapturedEch {
  readonly list: Uint8Array
  readonly privateKey: Uint8Array
  /** Of each, the record that Chromium sent, and what was encrypted in it. */
  readonly hellos: readonly { readonly record: Uint8Array; readonly inner: Uint8Array }[]
}

/** Undefined, with a printed reason, where the captures are not there. */
export function capturedEch(): CapturedEch | undefined {
  const key = conformancePath('utls', 'chromium-ech', 'ech-key.json')
  if (key === undefined) return undefined
  const read = (name: string): Uint8Array =>
    new Uint8Array(readFileSync(conformancePath('utls', 'chromium-ech', name) as string))
  const { d } = JSON.parse(readFileSync(key, 'utf8')) as { readonly d: string }
  return {
    list: read('ech-configlist.bin'),
    privateKey: new Uint8Array(Buffer.from(d, 'hex')),
    hellos: [1, 2, 3].map((number) => ({
      record: read(`raw-${number}.bin`),
      inner: read(`inner-${number}.bin`),
    })),
  }
}

/** A configuration as an attacker would write it: any contents, of any version. */
export function listOf(
  ...contents: readonly (readonly [version: number, contents: Uint8Array])[]
): Uint8Array {
  return vector(concat(...contents.map(([version, bytes]) => concat(number(version), vector(bytes)))))
}

/** Contents of version fe0d, written without the code under test. */
export function contentsOf(changed: {
  readonly kem?: number
  readonly key?: Uint8Array
  readonly suites?: readonly number[]
  readonly name?: string
  readonly extensions?: Uint8Array
}): Uint8Array {
  const { kem = 0x20, key = x25519.generate().publicKey, suites = [1, 1], name = 'example.com' } = changed
  const text = new TextEncoder().encode(name)
  return concat(
    Uint8Array.of(7),
    number(kem),
    vector(key),
    vector(concat(...suites.map(number))),
    Uint8Array.of(0, text.length),
    text,
    vector(changed.extensions ?? new Uint8Array(0)),
  )
}

export function number(value: number): Uint8Array {
  return Uint8Array.of(value >> 8, value & 0xff)
}

export function vector(bytes: Uint8Array): Uint8Array {
  return concat(number(bytes.length), bytes)
}

/** The one that a client would use, whatever stands in it. */
export function firstConfig(list: readonly ListedConfig[]): ListedConfig {
  return list[0] as ListedConfig
}
