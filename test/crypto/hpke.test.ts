import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { HPKE_AEAD, type HpkeAead, hpkeRecipient, hpkeSender, x25519 } from '../../src/lib/crypto/index.ts'
import { REPOSITORY } from '../support/aiv.ts'

interface Vector {
  readonly section: string
  readonly aead_id: HpkeAead
  readonly info: string
  readonly skEm: string
  readonly pkRm: string
  readonly skRm: string
  readonly enc: string
  readonly encryptions: readonly {
    readonly sequence: number
    readonly aad: string
    readonly pt: string
    readonly ct: string
  }[]
}

const VECTORS = JSON.parse(
  readFileSync(join(REPOSITORY, 'fixtures/hpke/rfc9180.json'), 'utf8'),
) as readonly Vector[]
const INFO = utf8('info')
const AAD = utf8('aad')
const LOW_ORDER = new Uint8Array(32)

/** One byte is another one. */
const bent = (bytes: Uint8Array, at = 0): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))

describe.each(VECTORS)(
  'HPKE of RFC 9180 $section',
  ({ aead_id: aead, info, skEm, pkRm, skRm, enc, encryptions }) => {
    it('seals what the document says, message by message', async () => {
      const sender = await hpkeSender(aead, fromHex(pkRm), fromHex(info), { bytes: () => fromHex(skEm) })
      expect(toHex(sender.enc)).toBe(enc)
      let next = 0
      for (const { sequence, aad, pt, ct } of encryptions) {
        for (; next < sequence; next++) sender.seal(AAD, INFO)
        expect(toHex(sender.seal(fromHex(aad), fromHex(pt))), `${next++}`).toBe(ct)
      }
      expect(next).toBe(257)
    })

    it('opens what the document says', async () => {
      const recipient = await hpkeRecipient(aead, fromHex(skRm), fromHex(enc), fromHex(info))
      for (const { aad, pt, ct } of encryptions.slice(0, 3)) {
        const opened = await recipient?.open(fromHex(aad), fromHex(ct))
        expect(opened && toHex(opened)).toBe(pt)
      }
    })
  },
)

describe.each(Object.entries(HPKE_AEAD))('HPKE with %s', (_name, aead) => {
  const recipient = x25519.generate()
  const open = async (enc: Uint8Array, info = INFO, privateKey = recipient.exportPrivate()) =>
    await hpkeRecipient(aead, privateKey, enc, info)

  it('carries several messages, in their order only, and a wrong one does not move the order', async () => {
    const sender = await hpkeSender(aead, recipient.publicKey, INFO)
    const [first, second] = [sender.seal(AAD, utf8('one')), sender.seal(AAD, utf8('two'))]
    const receiver = await open(sender.enc)
    expect(await receiver?.open(AAD, second)).toBeUndefined()
    expect(await receiver?.open(AAD, first)).toEqual(utf8('one'))
    expect(await receiver?.open(AAD, first)).toBeUndefined()
    expect(await receiver?.open(AAD, second)).toEqual(utf8('two'))
  })

  it('seals nothing more once it has forgotten its key', async () => {
    const sender = await hpkeSender(aead, recipient.publicKey, INFO)
    sender.erase()
    expect(() => sender.seal(AAD, utf8('late'))).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
  })

  it('opens nothing for another key, info, aad, encapsulated key or ciphertext', async () => {
    const sender = await hpkeSender(aead, recipient.publicKey, INFO)
    const sealed = sender.seal(AAD, utf8('message'))
    const other = x25519.generate().exportPrivate()
    expect(await (await open(sender.enc, INFO, other))?.open(AAD, sealed)).toBeUndefined()
    expect(await (await open(sender.enc, AAD))?.open(AAD, sealed)).toBeUndefined()
    expect(await (await open(bent(sender.enc)))?.open(AAD, sealed)).toBeUndefined()
    const receiver = await open(sender.enc)
    expect(await receiver?.open(INFO, sealed)).toBeUndefined()
    for (let at = 0; at < sealed.length; at++)
      expect(await receiver?.open(AAD, bent(sealed, at))).toBeUndefined()
    for (const wrong of [new Uint8Array(0), sealed.subarray(1), concat(sealed, LOW_ORDER)])
      expect(await receiver?.open(AAD, wrong)).toBeUndefined()
    expect(await receiver?.open(AAD, sealed)).toEqual(utf8('message'))
  })

  it('refuses keys that anybody could compute with', async () => {
    await expect(hpkeSender(aead, LOW_ORDER, INFO)).rejects.toMatchObject({ code: 'E_CRYPTO' })
    await expect(hpkeSender(aead, LOW_ORDER.subarray(1), INFO)).rejects.toMatchObject({ code: 'E_CRYPTO' })
    for (const enc of [LOW_ORDER, LOW_ORDER.subarray(1), new Uint8Array(33)])
      expect(await open(enc)).toBeUndefined()
    await expect(open(recipient.publicKey, INFO, new Uint8Array(31))).rejects.toMatchObject({
      code: 'E_CRYPTO',
    })
  })
})
