import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex, u16, u32 } from '../../../../src/lib/core/index.ts'
import { DtlsHellos } from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { dtlsClientDatagrams } from '../../../support/dtls-client.ts'
import { dtlsFragment, dtlsRecord } from '../../../support/dtls-datagrams.ts'
import { judge } from '../../../support/judge.ts'

const u24 = (value: number): Uint8Array => u32(value).subarray(1)
const BODY = Uint8Array.from({ length: 600 }, (_, i) => (i * 11 + (i >>> 8)) & 0xff)
const MESSAGE = concat(Uint8Array.of(1), u24(BODY.length), BODY)

/** The bytes `from` to `to` of the body as one fragment. */
const piece = (from: number, to: number, messageSeq = 0, body: Uint8Array = BODY): Uint8Array =>
  dtlsFragment({ type: 1, length: body.length, messageSeq, offset: from, data: body.subarray(from, to) })

function read(datagrams: readonly Uint8Array[], hellos = new DtlsHellos()) {
  const outcomes = datagrams.map((datagram) => hellos.datagram('flow', datagram))
  return {
    messages: outcomes.flatMap(({ messages }) => messages.map(toHex)),
    skips: outcomes.flatMap(({ skips }) => skips),
  }
}

const giving = (...messages: readonly Uint8Array[]) => ({ messages: messages.map(toHex), skips: [] })

describe('DtlsHellos', () => {
  it('gives the ClientHello of a capture, and none of its other messages', () => {
    const path = conformancePath('utls', 'ja4-foxio', 'pcap', 'dtls-udp.notest.cap')
    const tshark = judge('tshark')
    if (path === undefined || tshark === undefined) return
    const fields = ['udp.payload', 'dtls.handshake.type', 'dtls.handshake.length', 'dtls.handshake.random']
    const wanted = [...fields, 'dtls.handshake.ciphersuite'].flatMap((field) => ['-e', field])
    const packets = execFileSync(tshark, ['-r', path, '-T', 'fields', ...wanted], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .replace(/\n$/, '')
      .split('\n')
      .map((line) => `${line}\t\t\t\t`.split('\t') as [string, string, string, string, string])
    const hellos = packets.filter(([, types]) => types.split(',').includes('1'))
    expect(hellos).toHaveLength(1)
    const [, , length, random, ciphers] = hellos[0] as (typeof packets)[number]

    const { messages, skips } = read(packets.map(([payload]) => fromHex(payload)))
    expect(skips).toEqual([])
    expect(messages).toHaveLength(1)
    const message = fromHex(messages[0] as string)
    expect(message.length).toBe(4 + Number(length))
    expect(toHex(message.subarray(6, 38))).toBe(random)
    // No session id and no cookie: a byte each, then the list.
    const list = ciphers.split(',').map((cipher) => cipher.slice(2))
    expect(toHex(message.subarray(38))).toMatch(
      new RegExp(`^0000${toHex(u16(2 * list.length))}${list.join('')}`),
    )
  })

  it('gives both hellos of an openssl client, which sends them in fragments', async () => {
    const openssl = judge('openssl')
    if (openssl === undefined) return
    const name = `${'a'.repeat(60)}.${'b'.repeat(60)}.${'c'.repeat(60)}.test`
    const datagrams = await dtlsClientDatagrams(openssl, name, Buffer.alloc(20, 0xaa))
    const { messages, skips } = read(datagrams)
    expect(datagrams.length).toBeGreaterThanOrEqual(4)
    expect(skips).toEqual([])
    expect(messages).toHaveLength(2)
    const [first, second] = messages as [string, string]
    // The random stays, and the cookie stands behind a session id of no bytes.
    expect(second.slice(12, 76)).toBe(first.slice(12, 76))
    expect(first.slice(76, 80)).toBe('0000')
    expect(second.slice(76, 120)).toBe(`0014${'aa'.repeat(20)}`)
    for (const message of messages) {
      expect(message).toContain(Buffer.from(name).toString('hex'))
      expect(message.slice(2, 8)).toBe(toHex(u24(message.length / 2 - 4)))
    }
  })

  it('joins fragments from records and datagrams in any order, doubled and overlapping', () => {
    const hellos = new DtlsHellos()
    const datagrams = [
      dtlsRecord(piece(400, 600)),
      dtlsRecord(piece(0, 100)),
      dtlsRecord(piece(0, 100)),
      concat(dtlsRecord(piece(50, 250)), dtlsRecord(concat(piece(240, 300), piece(300, 400)))),
    ]
    expect(read(datagrams.slice(0, 3), hellos)).toEqual(giving())
    expect(hellos.pending).toBe(1)
    expect(read(datagrams.slice(3), hellos)).toEqual(giving(MESSAGE))
    expect(read(datagrams, hellos)).toEqual(giving())
  })

  it('gives a hello once, however often it is sent', () => {
    const whole = dtlsRecord(piece(0, 600))
    const [start, end] = [dtlsRecord(piece(0, 300)), dtlsRecord(piece(300, 600))]
    expect(read([whole, whole, start, end, whole])).toEqual(giving(MESSAGE))
  })

  it('gives the hello that answers a HelloVerifyRequest, and that of a new association', () => {
    const other = BODY.toReversed()
    const otherMessage = concat(MESSAGE.subarray(0, 4), other)
    const verifyRequest = dtlsFragment({
      type: 3,
      length: 3,
      messageSeq: 0,
      offset: 0,
      data: Uint8Array.of(0xfe, 0xff, 0),
    })
    expect(
      read([
        dtlsRecord(piece(0, 600)),
        dtlsRecord(verifyRequest),
        dtlsRecord(piece(0, 600, 1, other)),
        dtlsRecord(piece(0, 600, 0, other)),
      ]),
    ).toEqual(giving(MESSAGE, otherMessage, otherMessage))
  })

  it('reads records of 1.0 and of 1.2', () => {
    for (const version of ['feff', 'fefd'] as const)
      expect(read([dtlsRecord(piece(0, 600), { version })])).toEqual(giving(MESSAGE))
  })

  it('passes over encrypted records and other content types, and reads what follows them', () => {
    const whole = dtlsRecord(piece(0, 600))
    const encrypted = dtlsRecord(piece(0, 600), { epoch: 1 })
    const alert = dtlsRecord(Uint8Array.of(2, 40), { contentType: 21 })
    expect(read([encrypted, alert])).toEqual(giving())
    expect(read([concat(encrypted, alert, whole)])).toEqual(giving(MESSAGE))
  })

  it('lets the first bytes and the first length win, and says so', () => {
    const forged = BODY.slice()
    forged[120] = (forged[120] as number) ^ 1
    const longer = concat(BODY, BODY)
    expect(
      read([
        dtlsRecord(piece(0, 200)),
        dtlsRecord(piece(0, 300, 0, longer)),
        dtlsRecord(piece(100, 590, 0, forged)),
        dtlsRecord(piece(590, 600)),
      ]),
    ).toEqual({ messages: [toHex(MESSAGE)], skips: ['contradiction', 'contradiction'] })
  })

  it('gives a hello that comes whole even when a piece of another was there before', () => {
    const forged = new Uint8Array(BODY.length)
    expect(read([dtlsRecord(piece(0, 10, 0, forged)), dtlsRecord(piece(0, 600))])).toEqual(giving(MESSAGE))
  })

  it('says why a record gives nothing', () => {
    const whole = dtlsRecord(piece(0, 600))
    expect(read([whole.subarray(0, -1)]).skips).toEqual(['malformed-record'])
    expect(read([whole.subarray(0, 12)]).skips).toEqual(['malformed-record'])
    expect(read([dtlsRecord(new Uint8Array(2 ** 14 + 1))]).skips).toEqual(['malformed-record'])
    expect(read([dtlsRecord(piece(0, 600).subarray(0, -1))]).skips).toEqual(['malformed-fragment'])
    expect(read([dtlsRecord(Uint8Array.of(1, 0, 0))]).skips).toEqual(['malformed-fragment'])
    const beyond = dtlsFragment({ type: 1, length: 5, messageSeq: 0, offset: 3, data: new Uint8Array(3) })
    expect(read([dtlsRecord(beyond)]).skips).toEqual(['malformed-fragment'])
    const huge = dtlsFragment({ type: 1, length: 65_537, messageSeq: 0, offset: 0, data: BODY })
    expect(read([dtlsRecord(huge)]).skips).toEqual(['too-large'])
  })

  it('passes over what is not DTLS', () => {
    const dns = fromHex('123401000001000000000000076578616d706c6503636f6d0000010001')
    const tls = fromHex('16030100050100000100')
    expect(read([EMPTY, dns, tls, Uint8Array.of(22)])).toEqual(giving())
  })

  it('changes no datagram, and keeps no view of one whose memory is used again', () => {
    for (const cuts of [[600], [300, 600]]) {
      const hellos = new DtlsHellos()
      const messages = cuts.flatMap((end, i) => {
        const datagram = Buffer.from(dtlsRecord(piece(cuts[i - 1] ?? 0, end)))
        const before = datagram.toString('hex')
        const outcome = hellos.datagram('flow', datagram)
        expect(datagram.toString('hex')).toBe(before)
        datagram.fill(0)
        return outcome.messages
      })
      expect(messages.map(toHex)).toEqual([toHex(MESSAGE)])
    }
  })

  it('keeps a bounded number of messages, flows and bytes, and counts what it gave up', () => {
    const hellos = new DtlsHellos({ maxFlows: 50, maxHeldBytes: 64 * 1024 })
    for (let flow = 0; flow < 500; flow++) hellos.datagram(flow, dtlsRecord(piece(0, 100)))
    expect(hellos.heldBytes).toBeLessThanOrEqual(64 * 1024)
    expect(hellos.evicted + hellos.pending).toBe(500)
    expect(hellos.datagram(499, dtlsRecord(piece(100, 600))).messages).toHaveLength(1)
    expect(hellos.datagram(0, dtlsRecord(piece(100, 600))).messages).toHaveLength(0)

    const oneFlow = new DtlsHellos()
    for (let seq = 0; seq < 5; seq++) read([dtlsRecord(piece(0, 100, seq))], oneFlow)
    const ends = [0, 1, 2, 3, 4].map((seq) => dtlsRecord(piece(100, 600, seq)))
    expect(read(ends.toReversed(), oneFlow).messages).toHaveLength(4)
  })
})
