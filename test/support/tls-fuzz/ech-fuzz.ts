/** Hostile ECH: configurations from the DNS, and inner hellos that refer to outer ones. */
import { concat, SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { chooseEchConfig } from '../../../src/lib/tls/ech/choose-config.ts'
import { encodeEchConfigList, parseEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { decodeInnerHello } from '../../../src/lib/tls/ech/inner-hello.ts'
import { parseEchKeyFile } from '../../../src/lib/tls/ech/key-file.ts'
import { parseOuterHello } from '../../../src/lib/tls/ech/outer-hello.ts'
import { type ClientHello, type Extension, encodeClientHello } from '../../../src/lib/tls/index.ts'
import { contentsOf, listOf, number, RFC9934_FILE, vector } from '../ech-material.ts'
import { pickOne } from '../session-mutation.ts'
import { codeOf, corrupt, fail } from './corruption.ts'
import { plausibleHello } from './material.ts'

const NAMES = ['example.com', '192.0.2.1', 'a..b', 'x'.repeat(255), '\u0000']
const TYPES = [0x0000, 0x000a, 0x000d, 0x0033, 0x002b, 0x0a0a, 0xfe0d, 0xfd00, 0x0010]

export function fuzzEch(seed: number): void {
  const random = new SeededRandom(seed)
  fuzzConfigs(random)
  fuzzInner(random)
  if (random.chance(0.1)) fuzzKeyFile(random)
  if (random.chance(0.3)) fuzzOuter(random)
}

function fuzzConfigs(random: SeededRandom): void {
  const one = (): readonly [number, Uint8Array] => [
    random.chance(0.8) ? 0xfe0d : random.below(65_536),
    contentsOf({
      kem: pickOne(random, [0x20, 0x10]),
      key: random.bytes(pickOne(random, [32, 31, 65])),
      suites: Array.from({ length: 2 * (1 + random.below(3)) }, () => random.below(4)),
      name: pickOne(random, NAMES),
      extensions: random.chance(0.3)
        ? concat(number(random.below(65_536)), vector(random.bytes(3)))
        : random.bytes(0),
    }),
  ]
  const honest = listOf(...Array.from({ length: 1 + random.below(3) }, one))
  const bytes = random.chance(0.9) ? corrupt(random, honest) : honest
  try {
    const list = parseEchConfigList(bytes)
    if (toHex(encodeEchConfigList(list)) !== toHex(bytes))
      fail('a list that would be written otherwise', bytes)
    const chosen = chooseEchConfig(list)
    if (chosen !== undefined && (chosen.config.publicKey.length !== 32 || chosen.config.kem !== 0x20))
      fail('a configuration that cannot be used was chosen', bytes)
  } catch (error) {
    codeOf(error, ['E_MALFORMED', 'E_TOO_LARGE'], bytes)
  }
}

function fuzzInner(random: SeededRandom): void {
  const outer = helloOf(random, extensions(random), random.bytes(32))
  const types = (outer.extensions ?? []).map(({ type }) => type)
  const taken = random.chance(0.7)
    ? types.filter(() => random.chance(0.5))
    : types.map(() => pickOne(random, TYPES))
  const list = concat(...taken.map(number))
  const references = { type: 0xfd00, body: concat(Uint8Array.of(list.length), list) }
  const own = [
    { type: 0x2b, body: Uint8Array.of(2, 3, 4) },
    { type: 0xfe0d, body: Uint8Array.of(1) },
  ]
  const inner = helloOf(random, [...own, ...(random.chance(0.8) ? [references] : [])], random.bytes(0))
  const honest = concat(encodeClientHello(inner), new Uint8Array(random.below(40)))
  const encoded = random.chance(0.7) ? corrupt(random, honest) : honest
  try {
    const decoded = decodeInnerHello(encoded, outer)
    const found = (decoded.extensions ?? []).map(({ type }) => type)
    const most = encoded.length + encodeClientHello(outer).length
    if (encodeClientHello(decoded).length > most) fail('an inner hello that grew', encoded)
    if (new Set(found).size < found.length || found.includes(0xfd00))
      fail('an inner hello that should be refused', encoded)
  } catch (error) {
    codeOf(error, ['E_MALFORMED'], encoded)
  }
}

function fuzzKeyFile(random: SeededRandom): void {
  const bytes = corrupt(random, new TextEncoder().encode(RFC9934_FILE))
  try {
    parseEchKeyFile(Buffer.from(bytes).toString('latin1'))
  } catch (error) {
    codeOf(error, ['E_KEY_FILE'], bytes)
  }
}

function fuzzOuter(random: SeededRandom): void {
  const body = corrupt(random, plausibleHello(random).subarray(4))
  try {
    const { aad, payload } = parseOuterHello(body)
    const changed = aad.filter((byte, at) => byte !== body[at]).length
    if (aad.length !== body.length || changed > payload.length)
      fail('other bytes than the payload changed', body)
  } catch (error) {
    codeOf(error, ['E_MALFORMED'], body)
  }
}

function helloOf(random: SeededRandom, list: readonly Extension[], sessionId: Uint8Array): ClientHello {
  return {
    version: 0x0303,
    random: random.bytes(32),
    sessionId,
    cipherSuites: [0x1301],
    compressionMethods: Uint8Array.of(0),
    extensions: list,
  }
}

function extensions(random: SeededRandom): readonly Extension[] {
  return Array.from({ length: random.below(15) }, () => ({
    type: random.chance(0.5) ? pickOne(random, TYPES) : random.below(65_536),
    body: random.bytes(random.below(20)),
  }))
}
