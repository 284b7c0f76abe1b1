import { describe, expect, it } from 'vitest'
import { fromHex, isAllZero, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import {
  bindData,
  deriveK0,
  deriveSessionSecrets,
  publicSessionId,
} from '../../../src/lib/htx/keys/schedule.ts'
import { htxVectors, type RecordedSession, recordedNoise } from '../../support/session-vectors.ts'

const sessions = htxVectors<RecordedSession>('sessions.json')
const names = htxVectors<Record<string, string | undefined>>('peer-ids.json')

describe.skipIf(sessions === undefined)('the key schedule', () => {
  describe.each(sessions ?? [])('$id', (vector) => {
    it('gives K0, and from it both chain secrets', () => {
      expect(toHex(deriveK0(recordedNoise(vector), new Uint8Array(0)))).toBe(vector.K0)
    })

    it.each(['client', 'server'] as const)('gives the %s every key of every generation', (role) => {
      const { directions } = deriveSessionSecrets(role, recordedNoise(vector))
      for (const direction of ['c', 's'] as const) {
        const sends = (direction === 'c') === (role === 'client')
        const keys = sends ? directions.send : directions.receive
        expect(keys.direction).toBe(direction)
        for (const recorded of vector.keys.filter((one) => one.direction === direction)) {
          if (recorded.generation > keys.generation) keys.update()
          expect(keys.generation).toBe(recorded.generation)
          expect(toHex(keys.exposeChainSecret())).toBe(recorded.chain_secret)
          expect(toHex(keys.key)).toBe(recorded.key)
          expect(toHex(keys.nonceSalt)).toBe(recorded.nonce_salt)
          expect(toHex(keys.transcriptHash)).toBe(recorded.transcript_hash)
        }
      }
    })

    it('gives every frame its nonce, counting from 0 in each generation', () => {
      const { directions } = deriveSessionSecrets('client', recordedNoise(vector))
      for (const direction of ['c', 's'] as const) {
        const keys = direction === 'c' ? directions.send : directions.receive
        for (const frame of vector.frames.filter((one) => one.direction === direction)) {
          if (frame.generation > keys.generation) keys.update()
          expect(keys.counter).toBe(frame.counter)
          expect(toHex(keys.nextNonce())).toBe(frame.nonce)
        }
      }
    })

    it('gives the resumption secret and the key of a ticket', () => {
      const { resumption } = deriveSessionSecrets('server', recordedNoise(vector))
      expect(toHex(resumption.expose() as Uint8Array)).toBe(vector.resumption_secret)
      expect(toHex(resumption.pskFor(fromHex(vector.new_ticket.handle)))).toBe(vector.new_ticket.psk)
    })

    it('gives applications the same exporter on both sides', () => {
      const { label, context, length, value, master } = vector.application_exporter
      for (const role of ['client', 'server'] as const) {
        const { exporter } = deriveSessionSecrets(role, recordedNoise(vector))
        expect(toHex(exporter.expose())).toBe(master)
        expect(toHex(exporter.export(label, fromHex(context), length))).toBe(value)
      }
    })
  })
})

describe.skipIf(names === undefined)('the public session id', () => {
  it.each((names ?? []).filter(({ kind }) => kind === 'session-id'))('$id', (vector) => {
    expect(toHex(publicSessionId(fromHex(vector.handshake_hash as string)))).toBe(vector.session_id)
  })
})

describe('bind32', () => {
  it('has the check value of section 3.2', () => {
    const ekm = Uint8Array.from({ length: 64 }, (_, index) => index)
    expect(toHex(bindData(ekm))).toBe('73cf806bcfd61a6163a66ce15003ef19362f7a7d2638b0297cd10064e58e4ca6')
  })
})

describe('the secrets of a session', () => {
  const noise = () => ({
    k1: new Uint8Array(32).fill(1),
    k2: new Uint8Array(32).fill(2),
    h: new Uint8Array(32).fill(3),
  })

  it('leave no split key and no TLS exporter behind', () => {
    const inputs = noise()
    const ekm = new Uint8Array(64).fill(4)
    deriveSessionSecrets('client', inputs, ekm)
    expect([isAllZero(inputs.k1), isAllZero(inputs.k2), isAllZero(ekm)]).toEqual([true, true, true])
    expect(isAllZero(inputs.h)).toBe(false)
  })

  it('differ when the session is bound to a TLS exporter, and with every exporter', () => {
    const chain = (ekm?: Uint8Array): string =>
      toHex(deriveSessionSecrets('client', noise(), ekm).directions.send.exposeChainSecret())
    const seen = [chain(), chain(new Uint8Array(64).fill(1)), chain(new Uint8Array(64).fill(2))]
    expect(new Set(seen).size).toBe(3)
  })

  it('erase chain, key and salt of a generation that is over', () => {
    const chain = new Uint8Array(32).fill(9)
    const keys = new DirectionKeys('c', chain, new Uint8Array(32))
    const { key, nonceSalt } = keys
    keys.update()
    expect([isAllZero(chain), isAllZero(key), isAllZero(nonceSalt)]).toEqual([true, true, true])
    expect(isAllZero(keys.key)).toBe(false)
  })

  it('are gone after the end of the session', () => {
    const keys = new DirectionKeys('s', new Uint8Array(32).fill(9), new Uint8Array(32))
    const { key, nonceSalt } = keys
    keys.erase()
    expect([isAllZero(key), isAllZero(nonceSalt), isAllZero(keys.exposeChainSecret())]).toEqual([
      true,
      true,
      true,
    ])
  })

  it('never give the two directions one key, in any generation', () => {
    const { directions } = deriveSessionSecrets('client', noise())
    const seen = new Set<string>()
    for (let generation = 0; generation < 50; generation++) {
      for (const keys of [directions.send, directions.receive]) {
        seen.add(toHex(keys.key))
        keys.update()
      }
    }
    expect(seen.size).toBe(100)
  })

  it('keep the resumption secret only until it is erased', () => {
    const { resumption } = deriveSessionSecrets('server', noise())
    const before = resumption.pskFor(new Uint8Array(16))
    expect(before.length).toBe(32)
    resumption.erase()
    resumption.erase()
    expect(resumption.expose()).toBeUndefined()
    expect(() => resumption.pskFor(new Uint8Array(16))).toThrow(
      expect.objectContaining({ code: 'E_INTERNAL' }),
    )
  })

  it('export 1 to 8,160 bytes under labels of 1 to 255 bytes', () => {
    const { exporter } = deriveSessionSecrets('client', noise())
    const wrong = expect.objectContaining({ code: 'E_USAGE' })
    expect(exporter.export('x'.repeat(255), utf8('c'), 8160).length).toBe(8160)
    for (const [label, length] of [
      ['', 32],
      ['x'.repeat(256), 32],
      ['\u00e9'.repeat(128), 32],
      ['x', 0],
      ['x', 8161],
      ['x', 1.5],
    ] as const)
      expect(() => exporter.export(label, utf8('c'), length)).toThrow(wrong)
  })

  it('export differently for another label, context or session', () => {
    const { exporter } = deriveSessionSecrets('client', noise())
    const other = deriveSessionSecrets('client', { ...noise(), h: new Uint8Array(32) }).exporter
    const seen = [
      exporter.export('ab', utf8('c'), 32),
      exporter.export('a', utf8('bc'), 32),
      exporter.export('ab', utf8('d'), 32),
      other.export('ab', utf8('c'), 32),
    ]
    expect(new Set(seen.map(toHex)).size).toBe(4)
  })
})

describe('nonces', () => {
  it('are the salt XOR the counter in little-endian, over all four bytes that count', () => {
    const keys = new DirectionKeys('c', new Uint8Array(32).fill(7), new Uint8Array(32))
    const salt = keys.nonceSalt.slice()
    const seen = new Set<string>()
    for (let n = 0; n < 70_000; n++) {
      const nonce = keys.nextNonce()
      const view = new DataView(nonce.slice().buffer)
      const base = new DataView(salt.buffer)
      const counter = (view.getUint32(0, true) ^ base.getUint32(0, true)) >>> 0
      expect(counter).toBe(n)
      if (n % 1000 === 0) seen.add(toHex(nonce.subarray(4)))
    }
    expect([...seen]).toEqual([toHex(salt.subarray(4))])
  })

  it('stop at 2^32 rather than repeat', () => {
    const last = DirectionKeys.recorded('c', new Uint8Array(32), new Uint8Array(12), 0xffffffff)
    expect(toHex(last.nextNonce())).toBe('ffffffff0000000000000000')
    expect(() => last.nextNonce()).toThrow(expect.objectContaining({ code: 'E_INTERNAL' }))
  })
})
