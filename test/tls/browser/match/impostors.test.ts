/** Captured hellos in which one thing was changed, as imitations have it. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import {
  type ClientHello,
  type Extension,
  encodeClientHello,
  type Match,
  matchHello,
  parseClientHello,
} from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'

const folder = conformancePath('utls')

const TYPE = {
  name: 0x0000,
  groups: 0x000a,
  algorithms: 0x000d,
  alpn: 0x0010,
  psk: 0x0029,
  versions: 0x002b,
  share: 0x0033,
  alps: 0x44cd,
  anchors: 0xca34,
  ech: 0xfe0d,
} as const

function captured(name: string): ClientHello {
  return parseClientHello(new Uint8Array(readFileSync(`${folder}/${name}`)).subarray(9))
}

const chrome = (): ClientHello => captured('chromium-156.0.8078.79-clienthello-1.bin')
const firefox = (): ClientHello => captured('firefox/firefox-esr-153.7.0-clienthello-1.bin')

/** The body of one extension, changed in place or replaced. */
function withBody(hello: ClientHello, type: number, change: (body: Uint8Array) => Uint8Array): ClientHello {
  return withExtensions(hello, (extensions) =>
    extensions.map((each) => (each.type === type ? { type, body: change(each.body.slice()) } : each)),
  )
}

function withExtensions(
  hello: ClientHello,
  change: (extensions: readonly Extension[]) => readonly Extension[],
): ClientHello {
  return { ...hello, extensions: change(hello.extensions ?? []) }
}

function withName(hello: ClientHello, name: string): ClientHello {
  const { length } = name
  return withBody(hello, TYPE.name, () =>
    Uint8Array.of(0, length + 3, 0, 0, length, ...Buffer.from(name, 'latin1')),
  )
}

function withLast(hello: ClientHello, type: number, body: Uint8Array): ClientHello {
  return withExtensions(hello, (extensions) => [...extensions, { type, body }])
}

function withSecond(hello: ClientHello, type: number, body: Uint8Array): ClientHello {
  return withExtensions(hello, ([first, ...rest]) => [first as Extension, { type, body }, ...rest])
}

function without(hello: ClientHello, type: number): ClientHello {
  return withExtensions(hello, (extensions) => extensions.filter((each) => each.type !== type))
}

function isGrease(type: number): boolean {
  return (type & 0x0f0f) === 0x0a0a && type >>> 8 === (type & 0xff)
}

/** Changed bytes are read again, so that nothing is judged that could not be sent. */
function judge(hello: ClientHello): Match {
  return matchHello(parseClientHello(encodeClientHello(hello)), 'tcp')
}

function set(body: Uint8Array, at: number, ...bytes: number[]): Uint8Array {
  body.set(bytes, at < 0 ? body.length + at : at)
  return body
}

/** The payload of encrypted_client_hello cut or filled to this many bytes. */
function echOf(bytes: number): (body: Uint8Array) => Uint8Array {
  return (body) => {
    const changed = new Uint8Array(42 + bytes).fill(0x5a)
    changed.set(body.subarray(0, 40))
    changed.set([bytes >>> 8, bytes & 0xff], 40)
    return changed
  }
}

/** The X25519 key that stands alone, in hexadecimal. */
function withX25519(key: string): ClientHello {
  return withBody(chrome(), TYPE.share, (body) => set(body, -32, ...Buffer.from(key, 'hex')))
}

/** Tickets of one byte, and binders as long as they have to be. */
const ONE_SESSION = Uint8Array.of(0, 7, 0, 1, 7, 0, 0, 0, 1, 0, 33, 32, ...new Uint8Array(32))
const TWO_SESSIONS = Uint8Array.of(
  ...[0, 14, 0, 1, 7, 0, 0, 0, 1, 0, 1, 8, 0, 0, 0, 1],
  ...[0, 66, 32, ...new Uint8Array(32), 32, ...new Uint8Array(32)],
)

/** Hybrid 1216 bytes from 11 on, X25519 alone in the last 32. */
const HYBRID_AT = 11

const IMPOSTORS: readonly (readonly [string, string, () => ClientHello])[] = [
  [
    'its X25519 key stands in two shares',
    'key_share',
    () => withBody(chrome(), TYPE.share, (body) => set(body, HYBRID_AT + 1184, ...body.subarray(-32))),
  ],
  [
    'its X25519 key is zero',
    'key_share',
    () => withBody(chrome(), TYPE.share, (body) => set(body, -32, ...new Uint8Array(32))),
  ],
  [
    'noise stands in place of its ML-KEM key',
    'key_share',
    () => withBody(chrome(), TYPE.share, (body) => set(body, HYBRID_AT, ...new SeededRandom(1).bytes(1184))),
  ],
  [
    'its GREASE share has another value than its group',
    'key_share',
    () =>
      withBody(chrome(), TYPE.share, (body) =>
        set(body, 2, (body[2] as number) ^ 0x10, (body[3] as number) ^ 0x10),
      ),
  ],
  [
    'its GREASE share is not zero',
    'key_share',
    () => withBody(chrome(), TYPE.share, (body) => set(body, 6, 1)),
  ],
  [
    'it has no GREASE among its groups',
    'supported_groups',
    () =>
      withBody(chrome(), TYPE.groups, (body) => {
        const rest = body.slice(4)
        return Uint8Array.of(0, rest.length, ...rest)
      }),
  ],
  [
    'GREASE is not first among its versions',
    'supported_versions',
    () =>
      withBody(chrome(), TYPE.versions, (body) =>
        Uint8Array.of(6, ...body.subarray(3, 5), ...body.subarray(1, 3), 3, 3),
      ),
  ],
  [
    'it has no GREASE among its suites',
    'cipher_suites',
    () => ({
      ...chrome(),
      cipherSuites: chrome().cipherSuites.slice(1),
    }),
  ],
  [
    'it has no extensions of GREASE',
    'extensions',
    () => withExtensions(chrome(), (all) => all.filter(({ type }) => !isGrease(type))),
  ],
  [
    'both its extensions of GREASE are the same',
    'extensions',
    () =>
      withExtensions(chrome(), (all) =>
        all.map((each) => (isGrease(each.type) ? { ...each, type: 0x4a4a } : each)),
      ),
  ],
  [
    'its last GREASE is empty',
    'extensions',
    () =>
      withExtensions(chrome(), (all) =>
        all.map((each) => (isGrease(each.type) ? { ...each, body: new Uint8Array(0) } : each)),
      ),
  ],
  [
    'an extension stands behind its last GREASE',
    'extensions',
    () => withExtensions(chrome(), ([first, second, ...rest]) => [first, ...rest, second] as Extension[]),
  ],
  ['its ECH payload has 128 bytes', 'encrypted_client_hello', () => withBody(chrome(), TYPE.ech, echOf(128))],
  ['its ECH payload has 192 bytes', 'encrypted_client_hello', () => withBody(chrome(), TYPE.ech, echOf(192))],
  [
    'its ECH payload is longer and not padded',
    'encrypted_client_hello',
    () => withBody(chrome(), TYPE.ech, echOf(300)),
  ],
  [
    'its ECH uses ChaCha20 where its suites prefer AES',
    'encrypted_client_hello',
    () => withBody(chrome(), TYPE.ech, (body) => set(body, 4, 3)),
  ],
  [
    'its ECH uses AES where its suites prefer ChaCha20',
    'encrypted_client_hello',
    () => ({
      ...chrome(),
      cipherSuites: [
        chrome().cipherSuites[0] as number,
        ...[
          0x1303, 0x1301, 0x1302, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc013, 0xc014, 0x9c, 0x9d,
          0x2f, 0x35,
        ],
      ],
    }),
  ],
  [
    'its ECH key is no key',
    'encrypted_client_hello',
    () => withBody(chrome(), TYPE.ech, (body) => set(body, 39, 0xff)),
  ],
  [
    'it settles h2 without offering it',
    'application_settings',
    () => withBody(chrome(), TYPE.alpn, () => Uint8Array.of(0, 9, 8, ...Buffer.from('http/1.1'))),
  ],
  [
    'it offers a protocol that no browser speaks',
    'alpn',
    () => withBody(chrome(), TYPE.alpn, () => Uint8Array.of(0, 3, 2, ...Buffer.from('h9'))),
  ],
  [
    'its trust anchors are none',
    'trust_anchors',
    () => withBody(chrome(), TYPE.anchors, () => Uint8Array.of(0, 0)),
  ],
  [
    'its trust anchors are made up',
    'trust_anchors',
    () => withBody(chrome(), TYPE.anchors, () => Uint8Array.of(0, 4, 3, 1, 2, 3)),
  ],
  [
    'its trust anchors are no identifiers',
    'trust_anchors',
    () => withBody(chrome(), TYPE.anchors, (body) => set(body, 7, 0xff)),
  ],
  [
    'it has an X25519 key of low order',
    'key_share',
    () => withX25519('e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800'),
  ],
  ['it has an X25519 key that is not below p', 'key_share', () => withX25519(`ed${'ff'.repeat(30)}7f`)],
  [
    'its ECH has the key of a share',
    'encrypted_client_hello',
    () => {
      const share = chrome().extensions?.find(({ type }) => type === TYPE.share)?.body ?? new Uint8Array(0)
      return withBody(chrome(), TYPE.ech, (body) => set(body, 8, ...share.subarray(-32)))
    },
  ],
  [
    'its ECH payload is zero',
    'encrypted_client_hello',
    () => withBody(chrome(), TYPE.ech, (body) => body.fill(0, 42)),
  ],
  [
    'its ML-KEM key is zero',
    'key_share',
    () => withBody(chrome(), TYPE.share, (body) => body.fill(0, HYBRID_AT, HYBRID_AT + 1184)),
  ],
  [
    'the point of Firefox is not on the curve',
    'key_share',
    () => withBody(firefox(), TYPE.share, (body) => set(body, -1, (body.at(-1) as number) ^ 1)),
  ],
  ['its random is zero', 'random', () => ({ ...chrome(), random: new Uint8Array(32) })],
  ['its session id is zero', 'session_id', () => ({ ...chrome(), sessionId: new Uint8Array(32) })],
  ['it offers a session in no form', 'pre_shared_key', () => withLast(chrome(), TYPE.psk, new Uint8Array(0))],
  ['it offers two sessions', 'pre_shared_key', () => withLast(chrome(), TYPE.psk, TWO_SESSIONS)],
  ['it sends early data for no session', 'early_data', () => withSecond(chrome(), 0x002a, new Uint8Array(0))],
  ['it brings an empty cookie', 'cookie', () => withSecond(chrome(), 0x002c, Uint8Array.of(0, 0))],
  ['its session id is empty', 'session_id', () => ({ ...chrome(), sessionId: new Uint8Array(0) })],
  ['its version is that of TLS 1.3', 'legacy_version', () => ({ ...chrome(), version: 0x0304 })],
  ['it names an address', 'server_name', () => withName(chrome(), '127.0.0.1')],
  ['its name is in upper case', 'server_name', () => withName(chrome(), 'Example.test')],
  ['its name is no host of a URL', 'server_name', () => withName(chrome(), 'example.test/page')],
  [
    'the lengths of its name do not fit',
    'server_name',
    () => withBody(chrome(), TYPE.name, (body) => set(body, 1, (body[1] as number) + 2)),
  ],
  [
    'Firefox has another X25519 key in each share',
    'key_share',
    () => withBody(firefox(), TYPE.share, (body) => set(body, 6 + 1184, (body[6 + 1184] as number) ^ 1)),
  ],
  [
    'Firefox shuffles',
    'extension_order',
    () => withExtensions(firefox(), ([first, second, ...rest]) => [second, first, ...rest] as Extension[]),
  ],
]

describe.runIf(folder !== undefined)('a hello that was Chrome or Firefox', () => {
  it('is not changed by what the tests do to look into it', () => {
    expect(judge(withBody(chrome(), TYPE.ech, (body) => body)).verdict).toBe('match')
    expect(judge(firefox()).verdict).toBe('match')
  })

  it.each(IMPOSTORS)('is that of an impostor when %s', (_what, field, make) => {
    const match = judge(make())
    expect(match.verdict).toBe('impostor')
    expect(match.verdict === 'impostor' ? match.tells[0]?.field : undefined).toBe(field)
  })

  // Measured with Firefox 153: about half of its hellos each.
  it('may have either AEAD in its ECH when it is Firefox, and no third one', () => {
    const verdicts = [1, 2, 3].map(
      (aead) => judge(withBody(firefox(), TYPE.ech, (body) => set(body, 4, aead))).verdict,
    )
    expect(verdicts).toEqual(['match', 'impostor', 'match'])
  })

  it('is of a machine without AES when suites and ECH both prefer ChaCha20', () => {
    const suites = [0x1303, 0x1301, 0x1302, 0xcca9, 0xcca8, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xc013, 0xc014]
    const hello = withBody(chrome(), TYPE.ech, (body) => set(body, 4, 3))
    const [grease] = hello.cipherSuites
    const changed = { ...hello, cipherSuites: [grease as number, ...suites, 0x9c, 0x9d, 0x2f, 0x35] }
    expect(judge(changed)).toMatchObject({ verdict: 'match', versions: { first: 154, last: 156 } })
  })

  it('may hide a long inner hello', () => {
    expect(judge(withBody(chrome(), TYPE.ech, echOf(16 + 32 * 11))).verdict).toBe('match')
  })

  // What Chromium 156 and Firefox 153 send for links to such hosts, the last two Chromium only.
  it.each(['example.test.', 'a_b.example.test', '-a-.example.test', 'a..b.test', "b'(c).test", 'a%2Ab.test'])(
    'may ask for %s',
    (name) => {
      expect(judge(withName(chrome(), name)).verdict).toBe('match')
    },
  )

  it('is of 152 or 153 when its trust anchors are not sorted', () => {
    const swapped = withBody(chrome(), TYPE.anchors, (body) => {
      const first = body.slice(2, 8)
      return set(set(body, 2, ...body.subarray(8, 14)), 8, ...first)
    })
    expect(judge(swapped)).toMatchObject({ verdict: 'match', versions: { first: 152, last: 153 } })
  })

  it('stays of its range when the root store knows fewer roots', () => {
    const fewer = withBody(chrome(), TYPE.anchors, (body) => {
      const rest = body.slice(8)
      return Uint8Array.of(0, rest.length, ...rest)
    })
    expect(judge(fewer)).toMatchObject({ verdict: 'match', versions: { first: 154, last: 156 } })
  })

  // As the headless shell of Chromium 153 does, and Chromium 156 with its feature TLSTrustAnchorIDs turned off.
  it('may name no trust anchors: then it is of any version since 152', () => {
    expect(judge(without(chrome(), TYPE.anchors))).toMatchObject({
      verdict: 'match',
      versions: { first: 152, last: 156 },
    })
  })

  // As Firefox 153 does in a private window.
  it('may be private when it is Firefox: then it has nothing that tickets need', () => {
    const [ticket, modes] = [0x0023, 0x002d] as const
    expect(judge(without(without(firefox(), ticket), modes)).verdict).toBe('match')
    expect(judge(without(firefox(), modes)).verdict).toBe('unknown')
    expect(judge(without(without(chrome(), ticket), modes)).verdict).toBe('unknown')
  })

  // As Firefox 153 comes back to servers that gave it a ticket.
  it('may resume a session when it is Firefox: its ECH is longer then, and it asks for no ticket', () => {
    const resumed = (payload: number): ClientHello =>
      withExtensions(withBody(without(firefox(), 0x0023), TYPE.ech, echOf(payload)), (all) => [
        ...all,
        { type: TYPE.psk, body: ONE_SESSION },
      ])
    expect([527, 559].map((payload) => judge(resumed(payload)).verdict)).toEqual(['match', 'match'])
    expect(judge(resumed(540)).verdict).toBe('impostor')
    expect(judge(without(firefox(), 0x0023)).verdict).toBe('unknown')
  })

  it('is perhaps a version that is not known when it offers one thing more', () => {
    const added = withExtensions(chrome(), ([first, ...rest]) => [
      first as Extension,
      { type: 0x12e0, body: new Uint8Array(0) },
      ...rest,
    ])
    expect(judge(added)).toEqual({
      verdict: 'unknown',
      nearest: 'chrome-154',
      tells: [{ field: 'extensions', kind: 'version', expected: 'not there', found: '12e0' }],
    })
    expect(judge(without(chrome(), TYPE.alps))).toMatchObject({ verdict: 'unknown', nearest: 'chrome-154' })
  })

  it('is an impostor when it compresses certificates in another way below the same JA4', () => {
    const other = withBody(chrome(), 0x001b, (body) => set(body, 2, 1))
    expect(judge(other)).toMatchObject({ verdict: 'impostor', tells: [{ field: 'extension 001b' }] })
  })

  it('is none of Chrome when it has nothing but the share of X25519, which no server asks for twice', () => {
    const alone = withBody(chrome(), TYPE.share, (body) => Uint8Array.of(0, 36, ...body.subarray(-36)))
    expect(judge(alone)).toMatchObject({ verdict: 'unknown', tells: [{ field: 'key_share' }] })
  })

  it('may have the hybrid key agreement turned off by an administrator', () => {
    const groups = withBody(chrome(), TYPE.groups, (body) => {
      const rest = [...body.subarray(2, 4), ...body.subarray(6)]
      return Uint8Array.of(0, rest.length, ...rest)
    })
    const classical = withBody(groups, TYPE.share, (body) => {
      const rest = [...body.subarray(2, 7), ...body.subarray(-36)]
      return Uint8Array.of(0, rest.length, ...rest)
    })
    expect(judge(classical)).toMatchObject({ verdict: 'unknown', nearest: 'chrome-154' })
  })

  it('is read to its end whatever is in it', () => {
    const random = new SeededRandom(8)
    const verdicts = new Set<string>()
    for (let i = 0; i < 5_000; i++) {
      const body = encodeClientHello(i % 2 === 0 ? chrome() : firefox())
      for (const at of random.bytes(1 + (i % 3))) body[(at * 11 + i) % body.length] = random.below(256)
      let hello: ClientHello
      try {
        hello = parseClientHello(body)
      } catch {
        continue
      }
      verdicts.add(matchHello(hello, 'tcp').verdict)
    }
    expect(verdicts).toEqual(new Set(['match', 'impostor', 'unknown']))
  })
})
