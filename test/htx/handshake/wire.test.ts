import { describe, expect, it } from 'vitest'
import { concat, fromHex, toHex } from '../../../src/lib/core/index.ts'
import { HandshakeReader } from '../../../src/lib/htx/handshake/index.ts'

describe('wire messages', () => {
  const message = (length: number): Uint8Array =>
    concat(Uint8Array.of(length >> 8, length & 0xff), new Uint8Array(length).fill(length & 0xff))

  it('are found however the link cuts them, and what follows is kept', () => {
    const wire = concat(message(1), message(4096), message(300), fromHex('0102030405'))
    for (const size of [1, 2, 3, 5, 100, 4097, wire.length]) {
      const reader = new HandshakeReader()
      const lengths: number[] = []
      for (let at = 0; at < wire.length; at += size) {
        reader.push(wire.slice(at, at + size))
        for (;;) {
          const body = lengths.length < 3 ? reader.next() : undefined
          if (body === undefined) break
          lengths.push(body.length)
          expect(new Set(body)).toEqual(new Set([body.length & 0xff]))
        }
      }
      expect(lengths).toEqual([1, 4096, 300])
      expect(toHex(reader.takeRest())).toBe('0102030405')
      expect(reader.takeRest().length).toBe(0)
    }
  })

  it('of 0 or more than 4,096 bytes are refused at their length, before the body', () => {
    for (const length of [0, 4097, 0x8000, 0xffff]) {
      const reader = new HandshakeReader()
      reader.push(Uint8Array.of(length >> 8))
      expect(reader.next()).toBeUndefined()
      reader.push(Uint8Array.of(length & 0xff))
      expect(() => reader.next(), `${length}`).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
    }
  })
})
