/** Whole documents, signed: the official schemas judge them, and who reads them sees the signature. */
import { describe, expect, it } from 'vitest'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import { BOM_FORMATS, readBom, writeBom } from '../../../src/lib/lint/documents/index.ts'
import { signBom, signsInside, verifyBom } from '../../../src/lib/lint/sign/index.ts'
import { comparable, SAMPLE } from '../documents/sample-bom.ts'
import { schemaErrors } from '../documents/schemas.ts'

/** RFC 8032 §7.1, test 3. */
const signer = ed25519.fromSeed(
  Uint8Array.from(Buffer.from('c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7', 'hex')),
)
const trusted = [{ publicKey: signer.publicKey }]
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe.each(BOM_FORMATS.filter(signsInside))('a signed document in %s', (format) => {
  it('is valid by the official schema, verifies, and says the same as before', async () => {
    const signed = signBom(await writeBom(SAMPLE, format), format, signer)
    expect(schemaErrors(format, signed) ?? []).toEqual([])
    expect(verifyBom(bytes(signed), trusted)).toMatchObject({ valid: true, trusted: true })
    const { bom, facts, defects } = await readBom(signed)
    expect(defects).toEqual([])
    expect(comparable(bom)).toEqual(comparable(SAMPLE))
    expect(facts.signature).toEqual({ algorithm: true, value: true, key: true })
  })
})

describe.each(BOM_FORMATS.filter((format) => !signsInside(format)))('a document in %s', (format) => {
  it('stays as it is, and the envelope beside it verifies', async () => {
    const text = await writeBom(SAMPLE, format)
    const envelope = bytes(signBom(text, format, signer))
    expect(verifyBom(bytes(text), trusted, envelope)).toMatchObject({ valid: true, trusted: true })
    expect(verifyBom(envelope, trusted).document).toEqual(bytes(text))
    expect(verifyBom(bytes(`${text} `), trusted, envelope).valid).toBe(false)
  })
})
