/** Judges: signatures of the format's author; Python and OpenSSL over bytes that they build themselves; the schemas. */
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import { peerIdOf } from '../../../src/lib/identity/index.ts'
import { fromJwk, signBom, verifyBom } from '../../../src/lib/lint/sign/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'
import { judge } from '../../support/judge.ts'

const PYTHON = judge('python3')
/** RFC 8032 §7.1, test 1 and test 2. */
const alice = ed25519.fromSeed(hex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60'))
const mallory = ed25519.fromSeed(hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
const ALICE = [{ publicKey: alice.publicKey }]
const ALICE_KEY = createPublicKey({
  key: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(alice.publicKey).toString('base64url') },
  format: 'jwk',
})

const BOM = `${JSON.stringify(
  {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', name: 'é, "x" & \u20ac \u{1f600}', version: '1.0' } },
    components: [
      { type: 'library', name: 'a', licenses: [], evidence: { identity: [{ confidence: 0.97 }] } },
    ],
  },
  null,
  2,
)}\n`
const SPDX = '{"spdxVersion":"SPDX-2.3","name":"\u20ac"}\n'

function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'))
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

function fixture(name: string): string {
  return readFileSync(join(REPOSITORY, 'fixtures', 'jsf', name), 'utf8')
}

type Json = Record<string, unknown>

function parsed(text: string): Json {
  return JSON.parse(text) as Json
}

/** The signature of a signed document. */
function signatureOf(text: string): Json {
  return parsed(text).signature as Json
}

/** A signature of an envelope. */
function envelopeSignature(text: string): Json {
  return (parsed(text).signatures as Json[])[0] as Json
}

/** The document with another value at a path such as `components.0.name`; `undefined` takes it out. */
function edited(text: string, path: string, value: unknown): Uint8Array {
  const document = parsed(text)
  const names = path.split('.')
  const last = names.pop() as string
  const holder = names.reduce((inner, name) => inner[name] as Json, document)
  expect(holder).toBeTypeOf('object')
  holder[last] = value
  return bytes(JSON.stringify(document))
}

describe('a CycloneDX document that is signed', () => {
  const signed = signBom(BOM, 'cdx-json', alice)

  it('holds for the key of who signed it, by key and by peer id', () => {
    for (const trusted of [ALICE, [{ peer: peerIdOf(alice.publicKey) }]])
      expect(verifyBom(bytes(signed), trusted)).toEqual({
        kind: 'jsf',
        valid: true,
        trusted: true,
        signer: peerIdOf(alice.publicKey),
        document: bytes(signed),
      })
  })

  it.skipIf(PYTHON === undefined)(
    'has the signature that OpenSSL confirms over what Python makes canonical',
    () => {
      // Python sorts by code points and writes other exponents: the sample has no member or number where that differs.
      const script = `import json,sys
document = json.load(sys.stdin)
del document['signature']['value']
sys.stdout.buffer.write(json.dumps(document, sort_keys=True, separators=(',', ':'), ensure_ascii=False).encode())`
      const canonical = execFileSync(PYTHON as string, ['-c', script], { input: signed })
      const { value } = signatureOf(signed)
      expect(verify(null, canonical, ALICE_KEY, Buffer.from(String(value), 'base64url'))).toBe(true)
    },
  )

  it('says the same as before, and names key, peer and algorithm as JSF does', () => {
    const { signature, ...rest } = parsed(signed)
    expect(rest).toEqual(parsed(BOM))
    expect(Object.keys(signature as Json)).toEqual(['algorithm', 'keyId', 'publicKey', 'value'])
    expect(signature).toMatchObject({
      algorithm: 'Ed25519',
      keyId: peerIdOf(alice.publicKey),
      publicKey: { kty: 'OKP', crv: 'Ed25519', x: Buffer.from(alice.publicKey).toString('base64url') },
    })
  })

  it('is the same bytes each time, and signed anew replaces the signature', () => {
    expect(signBom(BOM, 'cdx-json', alice)).toBe(signed)
    expect(signBom(signBom(BOM, 'cdx-json', mallory), 'cdx-json', alice)).toBe(signed)
  })

  it('may be written with other white space and another order of members', () => {
    const { signature, ...rest } = parsed(signed)
    expect(verifyBom(bytes(JSON.stringify({ signature, ...rest })), ALICE).trusted).toBe(true)
  })

  it.each<[path: string, value: unknown]>([
    ['version', 2],
    ['added', true],
    ['metadata', undefined],
    ['components.0.evidence.identity.0.confidence', 0.98],
    ['signature.keyId', 'somebody'],
    ['signature.keyId', undefined],
    ['signature.publicKey.use', 'sig'],
    ['signature.publicKey.x', Buffer.from(mallory.publicKey).toString('base64url')],
    ['signature.value', Buffer.alloc(64).toString('base64url')],
  ])('does not hold when %s becomes %j', (path, value) => {
    const { valid, trusted, document } = verifyBom(edited(signed, path, value), ALICE)
    expect([valid, trusted, document]).toEqual([false, false, undefined])
  })

  it.each<[path: string, value: unknown, reason: RegExp]>([
    ['signature.excludes', ['components'], /"excludes"/],
    ['signature', { signers: [signatureOf(signed)] }, /"signers"/],
    ['signature', { chain: [signatureOf(signed)] }, /"chain"/],
    ['signature.algorithm', 'none', /"none"/],
    ['signature.algorithm', 'HS256', /"HS256"/],
    ['signature.publicKey.crv', 'X25519', /no Ed25519 key/],
    ['signature', 'yes', /no object/],
  ])('is refused when %s becomes %j', (path, value, reason) => {
    const result = verifyBom(edited(signed, path, value), ALICE)
    expect(result.valid).toBe(false)
    expect(result.reason).toMatch(reason)
  })

  it('is malformed where two parsers could read different documents', () => {
    const twice = signed.replace('{', '{"version":7,')
    expect(() => verifyBom(bytes(twice), ALICE)).toThrow(/"version" is there twice/)
    const rounded = signed.replace('"version": 1', '"version": 9007199254740993')
    expect(() => verifyBom(bytes(rounded), ALICE)).toThrow(/not exact/)
    const loose = signed.replace(/("value": "[^"]{20})/, '$1=')
    expect(() => verifyBom(bytes(loose), ALICE)).toThrow(/not base64url/)
  })

  it('holds, but is trusted by nobody, for a key that is not among the trusted ones', () => {
    const foreign = verifyBom(bytes(signBom(BOM, 'cdx-json', mallory)), ALICE)
    expect(foreign).toMatchObject({ valid: true, trusted: false, signer: peerIdOf(mallory.publicKey) })
    expect(foreign.reason).toMatch(/none of those that are trusted/)
    expect(verifyBom(bytes(signed), [])).toMatchObject({ valid: true, trusted: false })
  })
})

describe('the signatures of the author of JSF', () => {
  // They are of no bill of materials; a member that says so would be covered, so they are judged below that question.
  it('hold with the key inside and with a key that is given', async () => {
    const { verifyJsf } = await import('../../../src/lib/lint/sign/jsf.ts')
    const named = parsed(fixture('ed25519-jwk-kid.json'))
    expect(verifyJsf(named, [])).toMatchObject({ valid: true, trusted: false })
    const publicKey = fromJwk((named.signature as Json).publicKey) as Uint8Array
    expect(verifyJsf(named, [{ publicKey }])).toMatchObject({ valid: true, trusted: true })
    const implicit = parsed(fixture('ed25519-implicit.json'))
    expect(verifyJsf(implicit, [{ publicKey }])).toMatchObject({ valid: true, trusted: true })
    expect(verifyJsf(implicit, ALICE)).toMatchObject({ valid: false })
    expect(verifyJsf({ ...named, name: 'Jim' }, [{ publicKey }])).toMatchObject({ valid: false })
  })

  it('are not taken for those of a bill of materials', () => {
    expect(verifyBom(bytes(fixture('ed25519-jwk-kid.json')), ALICE)).toMatchObject({
      kind: 'none',
      valid: false,
    })
  })
})

describe('an envelope', () => {
  const envelope = signBom(SPDX, 'spdx-json', alice)

  it('holds the document as it was, byte for byte', () => {
    const result = verifyBom(bytes(envelope), ALICE)
    expect(result).toMatchObject({ kind: 'dsse', valid: true, trusted: true })
    expect(result.document).toEqual(bytes(SPDX))
  })

  it.each([
    ['spdx-json', 'application/spdx+json'],
    ['spdx3-json', 'application/spdx+json'],
    ['spdx-tv', 'text/spdx'],
  ] as const)('of %s has the signature that OpenSSL confirms over what DSSE says', (format, type) => {
    const text = signBom(SPDX, format, alice)
    const { payload, payloadType } = parsed(text)
    expect(payloadType).toBe(type)
    const body = Buffer.from(String(payload), 'base64')
    const signedBytes = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body])
    expect(body.toString()).toBe(SPDX)
    expect(
      verify(null, signedBytes, ALICE_KEY, Buffer.from(String(envelopeSignature(text).sig), 'base64')),
    ).toBe(true)
  })

  it('beside a document signs that document only', () => {
    expect(verifyBom(bytes(SPDX), ALICE, bytes(envelope))).toMatchObject({ valid: true, trusted: true })
    const other = verifyBom(bytes(SPDX.replace('2.3', '2.2')), ALICE, bytes(envelope))
    expect(other).toMatchObject({ valid: false, reason: 'the document is not the one in the envelope' })
    expect(() => verifyBom(bytes(SPDX), ALICE, bytes(SPDX))).toThrow(/no DSSE envelope/)
  })

  it.each<[path: string, value: unknown]>([
    ['payload', Buffer.from('{"spdxVersion":"SPDX-2.3"}').toString('base64')],
    ['payloadType', 'text/spdx'],
    ['signatures', []],
    ['signatures', 'none'],
    ['signatures.0.sig', ''],
  ])('does not hold when %s becomes %j', (path, value) => {
    expect(verifyBom(edited(envelope, path, value), ALICE)).toMatchObject({ valid: false, trusted: false })
  })

  it.each(['bomFormat', 'spdxVersion', 'SPDXID', '@context', '@graph'])(
    'that is also a document, by its %s, does not hold: readers would take the part that nobody signed',
    (member) => {
      const both = bytes(JSON.stringify({ [member]: 'CycloneDX', components: [], ...parsed(envelope) }))
      expect(verifyBom(both, ALICE)).toMatchObject({ valid: false, trusted: false })
      expect(verifyBom(bytes(SPDX), ALICE, both)).toMatchObject({ valid: false })
    },
  )

  it('is malformed where its base64 is not', () => {
    expect(() => verifyBom(edited(envelope, 'signatures.0.sig', 'AA=A'), ALICE)).toThrow(/not base64/)
    expect(() => verifyBom(edited(envelope, 'payload', 7), ALICE)).toThrow(/not base64/)
  })

  it('of something else is refused although its signature holds', () => {
    const type = 'application/vnd.in-toto+json'
    const body = Buffer.from(SPDX)
    const key = createPrivateKey({
      key: Buffer.concat([hex('302e020100300506032b657004220420'), alice.exportSeed()]),
      format: 'der',
      type: 'pkcs8',
    })
    const pae = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${body.length} `), body])
    const foreign = {
      payloadType: type,
      payload: body.toString('base64'),
      signatures: [{ sig: sign(null, pae, key).toString('base64') }],
    }
    expect(verifyBom(bytes(JSON.stringify(foreign)), ALICE)).toMatchObject({ valid: false })
  })

  it('with several signatures is trusted when one of them is of a trusted key, named or not', () => {
    const good = envelopeSignature(envelope)
    const foreign = envelopeSignature(signBom(SPDX, 'spdx-json', mallory))
    for (const signatures of [
      [foreign, good],
      [foreign, { sig: good.sig }],
      [{ keyid: 'anything', sig: good.sig }],
      [{ keyid: foreign.keyid, sig: good.sig }],
    ])
      expect(verifyBom(edited(envelope, 'signatures', signatures), ALICE)).toMatchObject({
        valid: true,
        trusted: true,
        signer: peerIdOf(alice.publicKey),
      })
    const many = Array.from({ length: 65 }, () => good)
    expect(verifyBom(edited(envelope, 'signatures', many), ALICE).reason).toMatch(/64/)
  })
})

describe('what is not signed', () => {
  it('is said to be so', () => {
    for (const text of [BOM, SPDX, 'SPDXVersion: SPDX-2.3\n', '[]', '', '<bom/>'])
      expect(verifyBom(bytes(text), ALICE)).toMatchObject({ kind: 'none', valid: false, trusted: false })
  })
})

describe('hostile input', () => {
  it('is refused with a reason and nothing else', () => {
    const envelope = signBom(SPDX, 'spdx-json', alice)
    for (const text of [envelope, signBom(BOM, 'cdx-json', alice)]) {
      fc.assert(
        fc.property(fc.nat(text.length - 1), fc.string({ maxLength: 3, unit: 'binary' }), (at, insert) => {
          const hostile = bytes(text.slice(0, at) + insert + text.slice(at + 1))
          try {
            const result = verifyBom(hostile, ALICE)
            // White space and the like may change; what was signed may not.
            if (result.valid && result.kind === 'dsse') expect(result.document).toEqual(bytes(SPDX))
          } catch (error) {
            expect(error).toMatchObject({ code: 'E_MALFORMED' })
          }
        }),
        { numRuns: 400, seed: 7 },
      )
    }
  })
})
