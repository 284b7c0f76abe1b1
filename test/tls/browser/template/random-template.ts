/** Documents of templates that no browser ever had. */
import * as fc from 'fast-check'

const code = fc.oneof(
  { weight: 1, arbitrary: fc.constant('GREASE') },
  {
    weight: 9,
    arbitrary: fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16).padStart(4, '0')),
  },
)
const codes = (most: number): fc.Arbitrary<string[]> => fc.array(code, { minLength: 1, maxLength: most })
const text = (least: number, most: number): fc.Arbitrary<string> =>
  fc.string({ minLength: least, maxLength: most }).filter((value) => /^[^\n\r\u2028\u2029]+$/.test(value))
const hex = (least: number, most: number): fc.Arbitrary<string> =>
  fc.uint8Array({ minLength: least, maxLength: most }).map((bytes) => Buffer.from(bytes).toString('hex'))
const protocols = fc.array(fc.stringMatching(/^[\x21-\x7e]{1,20}$/), { minLength: 1, maxLength: 5 })
const GROUPS = ['11ec', '6399', '001d', '0017', '0018', 'GREASE', '0100']

const known = fc.record(
  {
    server_name: fc.constant({ type: '0000', content: 'server_name' }),
    groups: fc
      .tuple(fc.shuffledSubarray(GROUPS, { minLength: 1 }), fc.nat(), fc.constantFrom('fresh', 'shared'))
      .map(([list, count, x25519]) => [
        { type: '000a', content: 'supported_groups', list },
        { type: '0033', content: 'key_share', list: list.slice(0, 1 + (count % list.length)), x25519 },
      ]),
    signatures: codes(40).map((list) => ({ type: '000d', content: 'signature_algorithms', list })),
    alpn: protocols.map((names) => ({ type: '0010', content: 'alpn', protocols: names })),
    ticket: fc.constant({ type: '0023', content: 'session_ticket' }),
    versions: codes(127).map((list) => ({ type: '002b', content: 'supported_versions', list })),
    alps: fc
      .tuple(fc.constantFrom('4469', '44cd'), protocols, fc.constantFrom('h2', 'any'))
      .map(([type, names, when]) => ({ type, content: 'application_settings', protocols: names, when })),
    ech: fc
      .tuple(
        code.filter((value) => value !== 'GREASE'),
        fc.array(fc.integer({ min: 1, max: 2_048 }), { minLength: 1, maxLength: 4 }),
        fc.constantFrom('x25519', 'random'),
      )
      .map(([kdf, sizes, enc]) => ({
        type: 'fe0d',
        content: 'grease_ech',
        kdf,
        aeads: ['0001', '0003'].slice(0, sizes.length),
        enc,
        payload_bytes: sizes,
      })),
    anchors: fc
      .tuple(fc.array(hex(1, 20), { minLength: 1, maxLength: 20 }), fc.constantFrom('sorted', 'process'))
      .map(([ids, order]) => ({ type: 'ca34', content: 'trust_anchors', ids, order })),
    first: fc.constant({ type: 'GREASE', body: '' }),
    last: hex(1, 4).map((body) => ({ type: 'GREASE', body })),
  },
  { requiredKeys: [], noNullPrototype: true },
)

/** Of numbers that nothing else has. */
const others = fc
  .uniqueArray(fc.integer({ min: 0x5000, max: 0x5fff }), { maxLength: 20 })
  .chain((types) =>
    fc.tuple(
      ...types
        .filter((type) => type !== 0x5a5a)
        .map((type) => hex(0, 60).map((body) => ({ type: type.toString(16), body }))),
    ),
  )

/** In any order, each now and then missing in hellos; padding stands behind them. */
const extensions = fc.tuple(known, others, fc.boolean(), fc.nat()).chain(([some, more, isPadded, seed]) => {
  const all: Record<string, unknown>[] = [...Object.values(some).flat(), ...more]
  const padding = isPadded ? [{ type: '0015', content: 'padding', to: 1 + (seed % 4_096) }] : []
  return fc
    .tuple(fc.shuffledSubarray(all, { minLength: all.length }), fc.nat({ max: all.length }))
    .map(([order, at]) => [
      ...order.map(({ type, ...rest }, index) =>
        index === at ? { type, optional: true, ...rest } : { type, ...rest },
      ),
      ...padding,
    ])
    .filter((list) => list.length > 0)
})

/** Whose hellos fit into a record. */
export const randomDocument = fc.record(
  {
    v: fc.constant(1),
    id: fc.stringMatching(/^[a-z0-9][a-z0-9.-]{0,63}$/),
    browser: fc.constantFrom('chrome', 'firefox'),
    versions: fc
      .tuple(fc.integer({ min: 1, max: 9_999 }), fc.integer({ min: 1, max: 9_999 }))
      .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) })),
    trial: text(1, 200),
    source: text(1, 500),
    extension_order: fc.constantFrom('shuffled', 'fixed'),
    cipher_suites: codes(100),
    extensions,
  },
  {
    requiredKeys: [
      'v',
      'id',
      'browser',
      'versions',
      'source',
      'extension_order',
      'cipher_suites',
      'extensions',
    ],
    noNullPrototype: true,
  },
)
