import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/lib/core/index.ts'
import { encodeEchConfigList } from '../../../src/lib/tls/ech/ech-config.ts'
import { echKeyFile, parseEchKeyFile } from '../../../src/lib/tls/ech/key-file.ts'
import { newEchKey } from '../../../src/lib/tls/ech/new-key.ts'
import { base64, RFC9934_FILE, RFC9934_LIST } from '../../support/ech-material.ts'

const [KEY_BLOCK, CONFIG_BLOCK] = RFC9934_FILE.split(/(?<=END PRIVATE KEY-----\n)/) as [string, string]

describe('an ECH key file', () => {
  it('is that of RFC 9934, whose key OpenSSL reads alike', () => {
    const { privateKey, configs } = parseEchKeyFile(RFC9934_FILE)
    const { d } = createPrivateKey(KEY_BLOCK).export({ format: 'jwk' })
    expect(toHex(privateKey as Uint8Array)).toBe(Buffer.from(d as string, 'base64url').toString('hex'))
    expect(toHex(encodeEchConfigList(configs))).toBe(toHex(base64(RFC9934_LIST)))
    expect(echKeyFile(privateKey as Uint8Array, base64(RFC9934_LIST))).toBe(RFC9934_FILE)
  })

  it('may be for clients, without a key, and may have other lines around its parts', () => {
    expect(parseEchKeyFile(CONFIG_BLOCK)).toMatchObject({ configs: [{ version: 0xfe0d }] })
    expect(parseEchKeyFile(CONFIG_BLOCK).privateKey).toBeUndefined()
    const commented = `a comment\r\n${RFC9934_FILE.replaceAll('\n', '\r\n')}another\r\n`
    expect(parseEchKeyFile(commented).privateKey).toEqual(parseEchKeyFile(RFC9934_FILE).privateKey)
  })

  it.each([
    ['no configuration', KEY_BLOCK],
    ['nothing', ''],
    ['two keys', KEY_BLOCK + RFC9934_FILE],
    ['two lists', RFC9934_FILE + CONFIG_BLOCK],
    ['a key of Ed25519', RFC9934_FILE.replace('K2VuBC', 'K2VwBC')],
    ['a key that is cut', RFC9934_FILE.replace('OMCi8v1V', 'OMCi')],
    ['a key of another configuration', RFC9934_FILE.replace('BCIEICjd', 'BCIEICje')],
    ['a list that is cut', RFC9934_FILE.replace('AQALZXhhbXBsZS5jb20AAA==\n', '')],
    ['a list that is no base64', RFC9934_FILE.replace('b20AAA==', 'b20AAA=')],
  ])('with %s is refused, and the words do not quote it', (_what, text) => {
    const failure = (): unknown => parseEchKeyFile(text)
    expect(failure).toThrow(expect.objectContaining({ code: 'E_KEY_FILE' }))
    expect(failure).not.toThrow(/MC4C|ICjd/)
  })
})

describe('a new ECH key', () => {
  it('has a configuration that clients can use, and another one each time', () => {
    const made = [newEchKey('public.example.com', 100), newEchKey('public.example.com', 100)]
    const [{ config, list, file }] = made as [ReturnType<typeof newEchKey>]
    expect(config).toMatchObject({ kem: 0x20, maximumNameLength: 100, extensions: [] })
    expect(config.suites).toEqual([1, 2, 3].map((aead) => ({ kdf: 1, aead })))
    expect(encodeEchConfigList(parseEchKeyFile(file).configs)).toEqual(list)
    expect(new Set(made.map((each) => each.file)).size).toBe(2)
  })

  it.each(['', '192.0.2.1', 'a_b.example', 'bücher.example'])('is not made for the name %j', (name) => {
    expect(() => newEchKey(name)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })
})
