import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EMPTY, fromHex, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import { nodeProvider } from '../../src/lib/crypto/index.ts'
import { createHandshake } from '../../src/lib/noise/index.ts'
import { HTX_PROTOCOLS, nobleProvider, OTHER_PROTOCOLS, passMessages, setUp, startPair } from './pairs.ts'

const PROTOCOLS = [...HTX_PROTOCOLS, ...OTHER_PROTOCOLS]
const XK = HTX_PROTOCOLS[0]
const XK_HYBRID = HTX_PROTOCOLS[1]
const NN_PSK = HTX_PROTOCOLS[2]

const coded = (code: string) => expect.objectContaining({ name: 'AivError', code })

describe('a Noise handshake', () => {
  it.each(PROTOCOLS)('%s ends with the same keys and hash on both sides', (protocol) => {
    const pair = startPair(setUp(protocol, 1))
    passMessages(pair, utf8('payload'))
    expect([pair.initiator.complete, pair.responder.complete]).toEqual([true, true])
    const [a, b] = [pair.initiator.split(), pair.responder.split()]
    expect(a).toEqual(b)
    expect(toHex(a.k1)).not.toBe(toHex(a.k2))
  })

  it('delivers any payload in any message, with any prologue', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROTOCOLS),
        fc.uint8Array({ maxLength: 3000 }),
        fc.uint8Array({ maxLength: 200 }),
        fc.nat(1e6),
        (protocol, payload, prologue, seed) => {
          const setup = setUp(protocol, seed)
          const pair = startPair({
            initiator: { ...setup.initiator, prologue },
            responder: { ...setup.responder, prologue },
          })
          while (!pair.initiator.complete) {
            const [writer, reader] = pair.initiator.myTurn
              ? [pair.initiator, pair.responder]
              : [pair.responder, pair.initiator]
            expect(reader.readMessage(writer.writeMessage(payload))).toEqual(payload)
          }
          expect(pair.initiator.split()).toEqual(pair.responder.split())
        },
      ),
      { numRuns: 150 },
    )
  })

  it('writes the same bytes with either provider from the same randomness', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PROTOCOLS.filter((protocol) => !protocol.includes('MLKEM'))),
        fc.nat(1e6),
        (protocol, seed) => {
          const transcripts = [nodeProvider, nobleProvider].map((provider) => {
            const pair = startPair(setUp(protocol, seed, [provider]))
            const messages = passMessages(pair, utf8('same'))
            return [...messages, ...Object.values(pair.responder.split())].map(toHex)
          })
          expect(transcripts[0]).toEqual(transcripts[1])
        },
      ),
      { numRuns: 60 },
    )
  })

  it.each(PROTOCOLS)('%s works between the node and the noble provider', (protocol) => {
    for (const providers of [
      [nodeProvider, nobleProvider],
      [nobleProvider, nodeProvider],
    ]) {
      const pair = startPair(setUp(protocol, 5, providers))
      passMessages(pair, EMPTY)
      expect(pair.initiator.split()).toEqual(pair.responder.split())
    }
  })

  it('repeats a hybrid transcript from one seed under the noble provider', () => {
    const transcript = (): string[] =>
      passMessages(startPair(setUp(XK_HYBRID, 9, [nobleProvider])), EMPTY).map(toHex)
    expect(transcript()).toEqual(transcript())
  })

  it('has the message sizes that HTX states for its suites, section 3.3', () => {
    const sizes = HTX_PROTOCOLS.map((protocol) =>
      passMessages(startPair(setUp(protocol, 2)), EMPTY).map((message) => message.length),
    )
    expect(sizes).toEqual([
      [32 + 16, 32 + 16, 48 + 16],
      [32 + 1200 + 16, 32 + 1104 + 16, 48 + 16],
      [32 + 16, 32 + 16],
      [32 + 1200 + 16, 32 + 1104 + 16],
      [32, 32 + 48 + 16, 48 + 16],
      [32 + 1184, 32 + 1104 + 48 + 16, 48 + 16],
    ])
  })

  it('tells whose turn it is and when it is complete', () => {
    const { initiator, responder } = startPair(setUp(NN_PSK, 3))
    const state = () => [initiator.myTurn, initiator.complete, responder.myTurn, responder.complete]
    expect(state()).toEqual([true, false, false, false])
    const first = initiator.writeMessage(EMPTY)
    expect(state()).toEqual([false, false, false, false])
    responder.readMessage(first)
    expect(state()).toEqual([false, false, true, false])
    const second = responder.writeMessage(EMPTY)
    expect(state()).toEqual([false, false, false, true])
    initiator.readMessage(second)
    expect(state()).toEqual([false, true, false, true])
    initiator.split()
    expect([initiator.myTurn, initiator.complete]).toEqual([false, true])
  })

  it('shows the keys of the peer once their message has been accepted', () => {
    const setup = setUp(XK, 4)
    const { initiator, responder } = startPair(setup)
    expect(initiator.remoteStatic).toEqual(setup.responder.staticKey?.publicKey)
    expect(responder.remoteStatic).toBeUndefined()
    const first = initiator.writeMessage(EMPTY)
    responder.readMessage(first)
    expect(responder.remoteEphemeral).toEqual(first.slice(0, 32))
    initiator.readMessage(responder.writeMessage(EMPTY))
    responder.readMessage(initiator.writeMessage(EMPTY))
    expect(responder.remoteStatic).toEqual(setup.initiator.staticKey?.publicKey)
  })

  it('does not depend on message buffers after the call', () => {
    const { initiator, responder } = startPair(setUp(HTX_PROTOCOLS[5], 6))
    const pass = (writer: typeof initiator, reader: typeof initiator): void => {
      const message = writer.writeMessage(utf8('x'))
      const payload = reader.readMessage(message)
      message.fill(0)
      expect(payload).toEqual(utf8('x'))
    }
    pass(initiator, responder)
    pass(responder, initiator)
    pass(initiator, responder)
    expect(initiator.split()).toEqual(responder.split())
  })

  it('takes messages up to 65,535 bytes and refuses to write longer ones', () => {
    const fits = startPair(setUp(XK, 7))
    const largest = fits.initiator.writeMessage(new Uint8Array(65_535 - 48))
    expect(largest.length).toBe(65_535)
    expect(fits.responder.readMessage(largest).length).toBe(65_535 - 48)
    for (const length of [65_535 - 47, 65_536, 10_000_000]) {
      const { initiator } = startPair(setUp(XK, 7))
      expect(() => initiator.writeMessage(new Uint8Array(length))).toThrow(coded('E_HANDSHAKE'))
      expect(() => initiator.writeMessage(EMPTY)).toThrow(coded('E_HANDSHAKE'))
    }
  })

  it('draws a fresh ephemeral key for each handshake when no source is given', () => {
    const setup = setUp(XK, 8)
    const first = (): string =>
      toHex(
        createHandshake({ ...setup.initiator, random: undefined })
          .writeMessage(EMPTY)
          .slice(0, 32),
      )
    expect(first()).not.toBe(first())
  })

  it('leaves lent keys usable', () => {
    const setup = setUp(XK, 10)
    const ephemeralKey = nodeProvider.x25519.generate()
    const pair = startPair({ ...setup, initiator: { ...setup.initiator, ephemeralKey } })
    passMessages(pair, EMPTY)
    pair.initiator.split()
    expect(ephemeralKey.exportPrivate().length).toBe(32)
    expect(setup.initiator.staticKey?.exportPrivate().length).toBe(32)
  })
})

describe('a Noise handshake refuses to start', () => {
  const { initiator, responder } = setUp(XK, 20)
  const psk = setUp(NN_PSK, 20).initiator

  it.each([
    ['without its static key', { ...initiator, staticKey: undefined }, 'E_HANDSHAKE'],
    ['as responder without its static key', { ...responder, staticKey: undefined }, 'E_HANDSHAKE'],
    ['without the static key of the peer', { ...initiator, remoteStatic: undefined }, 'E_HANDSHAKE'],
    [
      'with a static key of the peer it would never check',
      { ...responder, remoteStatic: new Uint8Array(32) },
      'E_HANDSHAKE',
    ],
    [
      'with an ephemeral key of the peer it would never check',
      { ...initiator, remoteEphemeral: new Uint8Array(32) },
      'E_HANDSHAKE',
    ],
    [
      'with a static key of the peer of the wrong length',
      { ...initiator, remoteStatic: new Uint8Array(31) },
      'E_CRYPTO',
    ],
    ['without its psk', { ...psk, psks: [] }, 'E_HANDSHAKE'],
    ['with a psk too many', { ...initiator, psks: [new Uint8Array(32)] }, 'E_HANDSHAKE'],
    ['with a short psk', { ...psk, psks: [new Uint8Array(31)] }, 'E_CRYPTO'],
    [
      'with an unknown protocol',
      { ...initiator, protocol: 'Noise_XY_25519_ChaChaPoly_SHA256' },
      'E_UNSUPPORTED',
    ],
    [
      'a fallback without the ephemeral keys',
      { ...initiator, protocol: 'Noise_XXfallback_25519_ChaChaPoly_SHA256', remoteStatic: undefined },
      'E_HANDSHAKE',
    ],
  ] as const)('%s', (_, options, code) => {
    expect(() => createHandshake(options)).toThrow(coded(code))
  })
})

describe('a Noise handshake is over', () => {
  const expectOver = (handshake: ReturnType<typeof createHandshake>): void => {
    expect([handshake.complete, handshake.myTurn]).toEqual([false, false])
    expect(() => handshake.writeMessage(EMPTY)).toThrow(coded('E_HANDSHAKE'))
    expect(() => handshake.readMessage(new Uint8Array(48))).toThrow(coded('E_HANDSHAKE'))
    expect(() => handshake.split()).toThrow(coded('E_HANDSHAKE'))
  }

  it('after a message out of turn, in both directions', () => {
    const { initiator, responder } = startPair(setUp(XK, 30))
    expect(() => responder.writeMessage(EMPTY)).toThrow(coded('E_HANDSHAKE'))
    expectOver(responder)
    expect(() => initiator.readMessage(new Uint8Array(48))).toThrow(coded('E_HANDSHAKE'))
    expectOver(initiator)
  })

  it('after writing twice', () => {
    const { initiator } = startPair(setUp(XK, 31))
    initiator.writeMessage(EMPTY)
    expect(() => initiator.writeMessage(EMPTY)).toThrow(coded('E_HANDSHAKE'))
    expectOver(initiator)
  })

  it('after a split too early', () => {
    const { initiator } = startPair(setUp(XK, 32))
    expect(() => initiator.split()).toThrow(coded('E_HANDSHAKE'))
    expectOver(initiator)
  })

  it('after erase', () => {
    const { initiator } = startPair(setUp(XK, 33))
    initiator.erase()
    expectOver(initiator)
  })

  it('after split, which gives the keys once', () => {
    const pair = startPair(setUp(XK, 34))
    passMessages(pair, EMPTY)
    pair.initiator.split()
    expect(() => pair.initiator.split()).toThrow(coded('E_HANDSHAKE'))
    expect(() => pair.responder.readMessage(new Uint8Array(48))).toThrow(coded('E_HANDSHAKE'))
    expect(() => pair.responder.split()).toThrow(coded('E_HANDSHAKE'))
  })

  it('after a failure, with nothing left of what the message claimed', () => {
    const { initiator, responder } = startPair(setUp(XK, 35))
    const message = initiator.writeMessage(EMPTY)
    message[40] = (message[40] as number) ^ 1
    expect(() => responder.readMessage(message)).toThrow(coded('E_AUTHENTICATION'))
    expectOver(responder)
    expect(responder.remoteEphemeral).toBeUndefined()
  })
})

describe('a transport CipherState', () => {
  it('counts nonces in little-endian from zero (revision 34, section 12.3)', async () => {
    const { CipherState } = await import('../../src/lib/noise/index.ts')
    const key = new SeededRandom(1).bytes(32)
    const state = new CipherState(nodeProvider.chacha20poly1305, key)
    for (let n = 0; n < 300; n++) {
      const nonce = fromHex('00'.repeat(12))
      nonce[4] = n & 0xff
      nonce[5] = n >> 8
      expect(toHex(state.encryptWithAd(EMPTY, utf8('m')))).toBe(
        toHex(nobleProvider.chacha20poly1305.seal(key, nonce, EMPTY, utf8('m'))),
      )
    }
  })

  it('goes on after a forgery with the counter it had', async () => {
    const { CipherState } = await import('../../src/lib/noise/index.ts')
    const [sender, receiver] = [1, 2].map(
      () => new CipherState(nodeProvider.chacha20poly1305, new Uint8Array(32).fill(5)),
    ) as [InstanceType<typeof CipherState>, InstanceType<typeof CipherState>]
    const sealed = sender.encryptWithAd(utf8('ad'), utf8('text'))
    expect(() => receiver.decryptWithAd(utf8('AD'), sealed)).toThrow(coded('E_AUTHENTICATION'))
    expect(() => receiver.decryptWithAd(utf8('ad'), sealed.subarray(1))).toThrow(coded('E_AUTHENTICATION'))
    expect(receiver.decryptWithAd(utf8('ad'), sealed)).toEqual(utf8('text'))
    expect(() => receiver.decryptWithAd(utf8('ad'), sealed)).toThrow(coded('E_AUTHENTICATION'))
    receiver.erase()
    expect(() => receiver.decryptWithAd(EMPTY, sealed)).toThrow(coded('E_CRYPTO'))
  })
})
