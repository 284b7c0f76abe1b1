import { chmodSync, existsSync, linkSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import {
  destroyFile,
  encodePathFile,
  loadMixKey,
  loadSurbKeys,
  nodeIdOf,
  parsePathFile,
  parseRecipient,
  pathHops,
  readMixKeyInfo,
  saveMixKey,
  saveSurbKeys,
} from '../../../src/lib/mix/index.ts'
import { MixKey, makeGeometry } from '../../../src/lib/sphinx/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

const PASSPHRASE = utf8('correct horse')
/** Weak on purpose: the tests are about files. */
const KDF = { name: 'scrypt', N: 1024, r: 8, p: 1 } as const

type Document = Record<string, unknown>

function write(path: string, document: unknown, mode = 0o600): void {
  writeFileSync(path, typeof document === 'string' ? document : JSON.stringify(document), { mode })
  chmodSync(path, mode)
}

async function keyFile(passphrase?: Uint8Array): Promise<{ path: string; key: MixKey; document: Document }> {
  const path = join(temporaryFolder(), 'hop.json')
  const key = MixKey.generate(new SeededRandom(1))
  await saveMixKey(path, nodeIdOf(key.publicKey), key, { passphrase, kdf: KDF, random: new SeededRandom(2) })
  return { path, key, document: JSON.parse(readFileSync(path, 'utf8')) as Document }
}

describe('the file of a mix key', () => {
  it('gives back the key, and its public part to everybody', async () => {
    const { path, key } = await keyFile(PASSPHRASE)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await readMixKeyInfo(path)).toEqual({
      id: nodeIdOf(key.publicKey),
      publicKey: key.publicKey,
      encrypted: true,
    })
    const loaded = await loadMixKey(path, PASSPHRASE)
    expect(loaded.key.exportPrivate()).toEqual(key.exportPrivate())
    expect(readFileSync(path, 'utf8')).not.toContain(toHex(key.exportPrivate()))
  })

  it('opens with its passphrase alone, and not when a public part was changed', async () => {
    const { path, document } = await keyFile(PASSPHRASE)
    await expect(loadMixKey(path)).rejects.toMatchObject({ code: 'E_PASSPHRASE_REQUIRED' })
    await expect(loadMixKey(path, utf8('x'))).rejects.toMatchObject({ code: 'E_PASSPHRASE_WRONG' })
    for (const field of ['id', 'public_key']) {
      write(path, { ...document, [field]: '11'.repeat(32) })
      await expect(loadMixKey(path, PASSPHRASE)).rejects.toMatchObject({ code: 'E_PASSPHRASE_WRONG' })
    }
  })

  it('is not overwritten unless that was asked for', async () => {
    const { path, key } = await keyFile()
    await expect(saveMixKey(path, nodeIdOf(key.publicKey), key)).rejects.toMatchObject({ code: 'E_INPUT' })
    await saveMixKey(path, nodeIdOf(key.publicKey), key, { overwrite: true })
    await expect(
      saveMixKey(path, nodeIdOf(key.publicKey), key, { passphrase: new Uint8Array(0) }),
    ).rejects.toThrow('empty')
  })

  it('is refused when others can read it, or it is none', async () => {
    const { path, document } = await keyFile()
    const hostile: readonly unknown[] = [
      '',
      '{',
      '[]',
      'null',
      '{"__proto__":{"type":"aiv mix key"}}',
      { ...document, type: 'aiv identity' },
      { ...document, v: 2 },
      { ...document, more: 1 },
      { ...document, secret: 'ff' },
      { ...document, secret: `${'ff'.repeat(48)}` },
      { ...document, id: 5 },
      { ...document, public_key: '11'.repeat(32) },
      { ...document, encryption: { kdf: 'scrypt' } },
      { ...document, encryption: 7 },
    ]
    for (const each of hostile) {
      write(path, each)
      await expect(loadMixKey(path), JSON.stringify(each)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
    }
    write(path, document, 0o644)
    await expect(loadMixKey(path)).rejects.toThrow('other users can open it')
    write(path, `{"type":"${'x'.repeat(20_000)}"}`)
    await expect(loadMixKey(path)).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
  })

  it('that asks for a terabyte of memory is refused at once', async () => {
    const { path, document } = await keyFile(PASSPHRASE)
    const encryption = { ...(document.encryption as object), n: 2 ** 40 }
    write(path, { ...document, encryption })
    await expect(loadMixKey(path, PASSPHRASE)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
  })
})

describe('the keys of a SURB', () => {
  const geometry = makeGeometry({ format: 'nike', hops: 5 })
  const surbId = new SeededRandom(3).bytes(16)
  const keys = new SeededRandom(4).bytes(4 * 64)

  it('come back with the geometry of their packets', async () => {
    const path = join(temporaryFolder(), 'keys.json')
    await saveSurbKeys(path, { geometry, surbId, keys }, new SeededRandom(5))
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await loadSurbKeys(path)).toEqual({ geometry, surbId, keys })
  })

  it('are refused when they do not fit their geometry, or others can read them', async () => {
    const path = join(temporaryFolder(), 'keys.json')
    await saveSurbKeys(path, { geometry, surbId, keys }, new SeededRandom(5))
    const document = JSON.parse(readFileSync(path, 'utf8')) as Document
    const sizes = document.geometry as Document
    for (const wrong of [
      { ...document, hops: 4 },
      { ...document, hops: 0 },
      { ...document, hops: 1e9 },
      { ...document, keys: '00' },
      { ...document, surb_id: '00' },
      { ...document, geometry: { ...sizes, format: 'constructor' } },
      { ...document, geometry: { ...sizes, packet_bytes: 10 } },
      { ...document, geometry: { ...sizes, packet_bytes: 2 ** 40 } },
      { ...document, geometry: [] },
      { ...document, more: true },
      'x',
    ]) {
      write(path, wrong)
      await expect(loadSurbKeys(path), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'E_KEY_FILE' })
    }
    write(path, document, 0o640)
    await expect(loadSurbKeys(path)).rejects.toThrow('other users can open it')
  })

  it('are overwritten where they lie before their name goes', async () => {
    const folder = temporaryFolder()
    const [path, witness] = [join(folder, 'keys.json'), join(folder, 'witness')]
    write(path, 'secret')
    linkSync(path, witness)
    await destroyFile(path)
    expect(existsSync(path)).toBe(false)
    expect(readFileSync(witness)).toEqual(Buffer.alloc(6))
    await expect(destroyFile(path)).rejects.toMatchObject({ code: 'E_IO' })
  })
})

describe('a path file', () => {
  const hop = (i: number): { id: Uint8Array; publicKey: Uint8Array; delayMs?: number } => ({
    id: new SeededRandom(i).bytes(32),
    publicKey: new SeededRandom(i + 100).bytes(32),
  })

  it('is a list, or the hops of an object, whatever else stands there', () => {
    const entries = [{ ...hop(1), delayMs: 33 }, { ...hop(2), delayMs: 0 }, hop(3)]
    const list = encodePathFile(entries)
    expect(parsePathFile(list)).toEqual([entries[0], entries[1], { ...entries[2], delayMs: undefined }])
    const object = { v: 1, epoch: 7, hops: JSON.parse(Buffer.from(list).toString()) as unknown }
    expect(parsePathFile(utf8(JSON.stringify(object)))).toEqual(parsePathFile(list))
  })

  it('gives hops their delay and the last one its commands', () => {
    const last = [{ type: 'recipient', id: parseRecipient('alice') }] as const
    const hops = pathHops([{ ...hop(1), delayMs: 5 }, hop(2), hop(3)], last)
    expect(hops.map(({ commands }) => commands)).toEqual([[{ type: 'delay', ms: 5 }], [], last])
    expect(() => pathHops([{ ...hop(1), delayMs: 5 }], last)).toThrow('last hop')
  })

  it('has no hop that is out of bounds', () => {
    const good = { id: '11'.repeat(32), public_key: '22'.repeat(32) }
    for (const wrong of [
      [{ ...good, delay_ms: 2 ** 32 }],
      [{ ...good, delay_ms: 1.5 }],
      [{ ...good, delay_ms: '33ms' }],
      [{ ...good, id: 7 }],
      [{ ...good, id: `${good.id}00` }],
      [{ ...good, public_key: 'zz'.repeat(32) }],
      [[]],
      Array.from({ length: 17 }, () => good),
      { hops: {} },
      'x',
      7,
    ])
      expect(() => parsePathFile(utf8(JSON.stringify(wrong)))).toThrow('the path cannot be used')
    expect(() => parsePathFile(Uint8Array.of(0xff))).toThrow('the path cannot be used')
    const polluted = `[{"__proto__": ${JSON.stringify(good)}}]`
    expect(() => parsePathFile(utf8(polluted))).toThrow('id of hop 1')
  })

  it('names recipients by text or by all their bytes', () => {
    expect(toHex(parseRecipient('alice'))).toBe(`616c696365${'00'.repeat(27)}`)
    expect(toHex(parseRecipient('AB'.repeat(32)))).toBe('ab'.repeat(32))
    for (const wrong of ['', 'x'.repeat(33)]) expect(() => parseRecipient(wrong)).toThrow('up to 32 bytes')
  })
})
