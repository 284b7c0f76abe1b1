import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex } from '../../src/lib/core/index.ts'
import { type CryptoProvider, nodeProvider } from '../../src/lib/crypto/index.ts'
import { createHandshake } from '../../src/lib/noise/index.ts'
import { parseVector } from '../../src/lib/noise/vector-format.ts'
import { replayVector } from '../../src/lib/noise/vector-replay.ts'
import { noiseSuite } from '../../src/lib/noise/vectors.ts'
import { conformancePath } from '../support/conformance.ts'
import { nobleProvider } from './pairs.ts'

const folder = conformancePath('htx')
const readConformance = (path: string): string => readFileSync(`${folder}/${path}`, 'utf8')

const FILES = [
  ['noise/cacophony.25519_ChaChaPoly_SHA256+BLAKE2s.json', 118],
  ['noise/noise-c-basic.25519_ChaChaPoly_SHA256+BLAKE2s.json', 30],
  ['noise/noise-c-fallback.25519_ChaChaPoly_SHA256+BLAKE2s.json', 2],
  ['noise/xxhfs-mlkem768.json', 10],
] as const

type Json = Record<string, unknown>
const vectorsOf = (path: string): Json[] => JSON.parse(readConformance(path)).vectors

const flipFirstDigit = (hex: string): string => (hex.startsWith('0') ? '1' : '0') + hex.slice(1)

describe.skipIf(folder === undefined)('published Noise vectors', () => {
  it.each(FILES)('%s: all %i pass in the suite', async (path, count) => {
    const result = await noiseSuite.run({ path, content: readConformance(path) })
    expect(result).toEqual({
      suite: 'noise',
      file: path,
      passed: count,
      failed: 0,
      skipped: 0,
      failures: [],
      skips: [],
      notes: [],
    })
  })

  it.each(FILES)('%s: all pass with either provider on either side', (path) => {
    for (const value of vectorsOf(path)) {
      const vector = parseVector(value)
      // Only noble can repeat the encapsulation of a vector.
      const responders = vector.responder.kemMessage ? [nobleProvider] : [nodeProvider, nobleProvider]
      for (const initiator of [nodeProvider, nobleProvider])
        for (const responder of responders) replayVector(vector, { initiator, responder })
    }
  })

  it.each(FILES)('%s: a change to any message, hash or split key is found', async (path, count) => {
    const changes: ((vector: Json) => void)[] = []
    const sample = vectorsOf(path)[0] as Json
    for (let i = 0; i < (sample.messages as unknown[]).length; i++)
      changes.push((vector) => {
        const message = (vector.messages as { ciphertext: string }[])[i] as { ciphertext: string }
        message.ciphertext = flipFirstDigit(message.ciphertext)
      })
    for (const name of ['handshake_hash', 'split_k1', 'split_k2'])
      if (name in sample)
        changes.push((vector) => {
          vector[name] = flipFirstDigit(vector[name] as string)
        })
    for (const change of changes) {
      const vectors = vectorsOf(path)
      vectors.forEach(change)
      const result = await noiseSuite.run({ path, content: JSON.stringify({ vectors }) })
      expect([result.passed, result.failed, result.skipped]).toEqual([0, count, 0])
    }
  })
})

describe.skipIf(folder === undefined)('handshakes of the HTX session vectors', () => {
  interface SessionParty {
    static_private?: string
    static_public?: string
    ephemeral_private: string
    kem_seed_d_z?: string
    kem_encapsulation_m?: string
  }
  interface Session {
    id: string
    protocol_name: string
    initiator: SessionParty
    responder: SessionParty
    prologue: string
    resume?: { psk: string }
    handshake_hash: string
    split_k1: string
    split_k2: string
    [field: `payload_${number}` | `wire_message_${number}`]: string
  }
  const vectors: Session[] = folder === undefined ? [] : JSON.parse(readConformance('sessions.json')).vectors
  const optionalHex = (text: string | undefined): Uint8Array | undefined =>
    text === undefined ? undefined : fromHex(text)

  it.each(vectors.map((vector) => [vector.id, vector] as const))(
    '%s is byte-exact in both roles',
    (_, vector) => {
      const start = (role: 'initiator' | 'responder', provider: CryptoProvider) => {
        const party = vector[role]
        const isXk = vector.protocol_name.startsWith('Noise_XK')
        return createHandshake({
          protocol: vector.protocol_name,
          role,
          provider,
          prologue: fromHex(vector.prologue),
          staticKey: party.static_private
            ? provider.x25519.fromPrivate(fromHex(party.static_private))
            : undefined,
          ephemeralKey: provider.x25519.fromPrivate(fromHex(party.ephemeral_private)),
          remoteStatic:
            role === 'initiator' && isXk ? optionalHex(vector.responder.static_public) : undefined,
          kemSeed: optionalHex(party.kem_seed_d_z),
          kemMessage: optionalHex(party.kem_encapsulation_m),
          psks: vector.resume ? [fromHex(vector.resume.psk)] : [],
        })
      }
      let [writer, reader] = [start('initiator', nodeProvider), start('responder', nobleProvider)]
      const both = [writer, reader]
      // A wire message is u16 length, and in message 1 the suite and perhaps a 16-byte handle before the Noise message.
      const headers = [vector.resume ? 19 : 3, 2, 2]
      for (let number = 1; vector[`wire_message_${number}`] !== undefined; number++) {
        const noiseMessage = (vector[`wire_message_${number}`] as string).slice(
          2 * (headers[number - 1] as number),
        )
        const payload = vector[`payload_${number}`] as string
        expect(toHex(writer.writeMessage(fromHex(payload)))).toBe(noiseMessage)
        expect(toHex(reader.readMessage(fromHex(noiseMessage)))).toBe(payload)
        ;[writer, reader] = [reader, writer]
      }
      for (const side of both) {
        const { h, k1, k2 } = side.split()
        expect([toHex(h), toHex(k1), toHex(k2)]).toEqual([
          vector.handshake_hash,
          vector.split_k1,
          vector.split_k2,
        ])
      }
    },
  )
})

describe('the Noise vector suite', () => {
  const run = (content: string) => noiseSuite.run({ path: 'given.json', content })
  const good = {
    protocol_name: 'Noise_NN_25519_ChaChaPoly_SHA256',
    init_prologue: '',
    resp_prologue: '',
    messages: [{ payload: '', ciphertext: '' }],
  }

  it.each([
    ['', 'not JSON'],
    ['{', 'not JSON'],
    ['null', 'no list'],
    ['{"vectors":{}}', 'no list'],
    ['"vectors"', 'no list'],
    ['7', 'no list'],
  ])('reports the unreadable file %j as one failure', async (content, reason) => {
    const result = await run(content)
    expect([result.passed, result.failed, result.skipped]).toEqual([0, 1, 0])
    expect(result.failures[0]).toEqual({ id: 'file', reason: expect.stringContaining(reason) })
  })

  it('counts nothing in an empty list', async () => {
    expect(await run('{"vectors":[]}')).toMatchObject({ passed: 0, failed: 0, skipped: 0 })
  })

  it.each([
    'Noise_NN_448_ChaChaPoly_SHA256',
    'Noise_NN_25519_AESGCM_SHA256',
    'Noise_NN_25519_ChaChaPoly_SHA512',
    'Noise_XXhfs_25519+448_ChaChaPoly_SHA256',
    'Noise_QQ_25519_ChaChaPoly_SHA256',
    'NoisePSK_NN_25519_ChaChaPoly_SHA256',
  ])('skips %s with a reason', async (protocol_name) => {
    const result = await run(JSON.stringify({ vectors: [{ protocol_name }] }))
    expect([result.passed, result.failed, result.skipped]).toEqual([0, 0, 1])
    expect(result.skips[0]?.id).toBe(`0 ${protocol_name}`)
    expect(result.skips[0]?.reason).not.toBe('')
  })

  it.each<[string, unknown]>([
    ['no object', 5],
    ['null', null],
    ['a list', []],
    ['no name', { ...good, protocol_name: undefined }],
    ['a name that is a number', { ...good, protocol_name: 7 }],
    ['no prologue', { ...good, init_prologue: undefined }],
    ['a prologue that is not hex', { ...good, init_prologue: 'xyz' }],
    ['a key of odd length', { ...good, init_ephemeral: 'abc' }],
    ['a key of the wrong length', { ...good, init_ephemeral: 'abcd' }],
    ['no messages', { ...good, messages: undefined }],
    ['an empty list of messages', { ...good, messages: [] }],
    ['a message that is a string', { ...good, messages: ['00'] }],
    ['a message without ciphertext', { ...good, messages: [{ payload: '' }] }],
    ['psks that are no list', { ...good, init_psks: {} }],
    ['a psk that is a number', { ...good, init_psks: [1] }],
    ['a psk too many', { ...good, init_psks: ['00'.repeat(32)] }],
    ['a remote static key too many', { ...good, init_remote_static: '00'.repeat(32) }],
    ['a fallback that is a string', { ...good, fallback: 'yes' }],
    ['a fallback from an unknown pattern', { ...good, fallback: true }],
    ['a payload that is too long', { ...good, messages: [{ payload: '00'.repeat(70000), ciphertext: '' }] }],
  ])('reports a vector with %s as a failure with a reason', async (_, vector) => {
    const result = await run(JSON.stringify({ vectors: [vector] }))
    expect([result.passed, result.failed, result.skipped]).toEqual([0, 1, 0])
    expect(result.failures[0]?.reason).not.toBe('')
  })

  it('goes on behind a bad vector', async () => {
    const result = await run(JSON.stringify([null, good, { protocol_name: 'Noise_QQ' }, 3]))
    expect([result.passed, result.failed, result.skipped]).toEqual([0, 3, 1])
  })

  it('survives any JSON, and any JSON in the place of any field', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.jsonValue({ maxDepth: 3 }),
        fc.constantFrom(...Object.keys(good), 'init_static', 'resp_psks', 'fallback', 'split_k1'),
        fc.jsonValue({ maxDepth: 2 }),
        async (anything, field, value) => {
          const changed = { ...good, [field]: value }
          const result = await run(JSON.stringify({ vectors: [anything, changed] }))
          expect(result.passed + result.failed + result.skipped).toBe(2)
          expect((await run(JSON.stringify(anything))).passed).toBe(0)
        },
      ),
      { numRuns: 300 },
    )
  })
})
