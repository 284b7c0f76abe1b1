import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { fromHex, readU16, toHex } from '../../../../src/lib/core/index.ts'
import { QuicHellos } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { judge } from '../../../support/judge.ts'

const FIELDS = [
  'udp.payload',
  'tls.handshake.length',
  'tls.handshake.random',
  'tls.handshake.ciphersuite',
  'tls.handshake.extension.type',
  'tls.handshake.extensions_server_name',
  'quic.crypto.offset',
] as const

/** What tshark says of the only packet of a capture, by field. */
function dissect(tshark: string, path: string): Record<(typeof FIELDS)[number], string> {
  const wanted = FIELDS.flatMap((field) => ['-e', field])
  const line = execFileSync(tshark, ['-r', path, '-T', 'fields', ...wanted], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const values = line.replace(/\n$/, '').split('\t')
  return Object.fromEntries(FIELDS.map((field, i) => [field, values[i] ?? ''])) as ReturnType<typeof dissect>
}

/** The lists of a ClientHello that has a session id of no bytes, read by hand. */
function listsOf(message: Uint8Array): { ciphers: string[]; extensions: string[] } {
  const ciphersAt = 4 + 2 + 32 + 1 + (message[38] as number)
  const ciphersEnd = ciphersAt + 2 + readU16(message, ciphersAt)
  const ciphers: string[] = []
  for (let at = ciphersAt + 2; at < ciphersEnd; at += 2)
    ciphers.push(`0x${toHex(message.subarray(at, at + 2))}`)
  const extensions: string[] = []
  for (let at = ciphersEnd + 2 + 2; at < message.length; at += 4 + readU16(message, at + 2))
    extensions.push(String(readU16(message, at)))
  return { ciphers, extensions }
}

describe.each([
  ['quic-tls-handshake.pcapng', 11],
  ['quic-with-several-tls-frames.pcapng', 3],
])('%s', (file, frames) => {
  it('gives the ClientHello that tshark dissects', () => {
    const path = conformancePath('utls', 'ja4-foxio', 'pcap', file)
    const tshark = judge('tshark')
    if (path === undefined || tshark === undefined) return
    const expected = dissect(tshark, path)
    expect(expected['quic.crypto.offset'].split(',')).toHaveLength(frames)

    const { messages, skips } = new QuicHellos().datagram('flow', fromHex(expected['udp.payload']))
    expect(skips).toEqual([])
    expect(messages).toHaveLength(1)
    const message = messages[0] as Uint8Array
    expect(message.length).toBe(4 + Number(expected['tls.handshake.length']))
    expect(toHex(message.subarray(6, 38))).toBe(expected['tls.handshake.random'])
    const { ciphers, extensions } = listsOf(message)
    expect(ciphers.join(',')).toBe(expected['tls.handshake.ciphersuite'])
    expect(extensions.join(',')).toBe(expected['tls.handshake.extension.type'])
    expect(toHex(message)).toContain(
      Buffer.from(expected['tls.handshake.extensions_server_name']).toString('hex'),
    )
  })
})
