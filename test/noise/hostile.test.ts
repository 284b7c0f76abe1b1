import { describe, expect, it } from 'vitest'
import { AivError, EMPTY, fromHex, SeededRandom, utf8 } from '../../src/lib/core/index.ts'
import { createHandshake, type Handshake, parseProtocol } from '../../src/lib/noise/index.ts'
import { HTX_PROTOCOLS, OTHER_PROTOCOLS, type PairSetup, passMessages, setUp, startPair } from './pairs.ts'

const PROTOCOLS = [...HTX_PROTOCOLS, ...OTHER_PROTOCOLS]
const [XK, XK_HYBRID, NN_PSK, , XX, XX_HYBRID] = HTX_PROTOCOLS

/** Passes messages up to the one before `index` and hands over that message and its reader. */
function stopAt(
  setup: PairSetup,
  index: number,
): { message: Uint8Array; reader: Handshake; writer: Handshake } {
  const pair = startPair(setup)
  passMessages(pair, utf8('payload'), index)
  const [writer, reader] = pair.initiator.myTurn
    ? [pair.initiator, pair.responder]
    : [pair.responder, pair.initiator]
  return { message: writer.writeMessage(utf8('payload')), reader, writer }
}

/** The code of the error that reading throws; fails when it is not a typed one or when nothing is thrown. */
function refusal(reader: Handshake, message: Uint8Array): string {
  try {
    reader.readMessage(message)
  } catch (error) {
    if (error instanceof AivError) return error.code
    throw error
  }
  return 'accepted'
}

const withByte = (message: Uint8Array, at: number, value: number): Uint8Array => {
  const copy = message.slice()
  copy[at] = value
  return copy
}

/** True when the first message has no key yet: its payload is bare, without a tag that could miss. */
const isReadable = (protocol: string): boolean => {
  const tokens = parseProtocol(protocol).pattern.messages
  return (
    !tokens.flat().includes('psk') && (tokens[0] ?? []).every((token) => ['e', 's', 'e1'].includes(token))
  )
}

const messageCount = (protocol: string): number => passMessages(startPair(setUp(protocol, 1)), EMPTY).length

describe('hostile Noise messages', () => {
  it.each(PROTOCOLS)(
    '%s refuses every truncation of every message, or reads a shorter bare payload',
    (protocol) => {
      const setup = setUp(protocol, 40)
      for (let index = 0; index < messageCount(protocol); index++) {
        const { message } = stopAt(setup, index)
        const step = message.length > 400 ? 7 : 1
        for (let length = 0; length < message.length; length += step) {
          const code = refusal(stopAt(setup, index).reader, message.subarray(0, length))
          const isBare = index === 0 && isReadable(protocol) && length >= message.length - 'payload'.length
          if (isBare) expect(code).toBe('accepted')
          else expect(['E_HANDSHAKE', 'E_AUTHENTICATION', 'E_CRYPTO']).toContain(code)
        }
      }
    },
  )

  it.each([XK, NN_PSK])('%s refuses every flipped bit of every message', (protocol) => {
    const setup = setUp(protocol, 41)
    for (let index = 0; index < messageCount(protocol); index++) {
      const { message } = stopAt(setup, index)
      for (let bit = 0; bit < message.length * 8; bit++) {
        // X25519 ignores the top bit of a point, but the transcript does not.
        const changed = withByte(message, bit >> 3, (message[bit >> 3] as number) ^ (1 << (bit & 7)))
        expect(refusal(stopAt(setup, index).reader, changed)).toBe('E_AUTHENTICATION')
      }
    }
  })

  it('refuses flipped bits anywhere in the messages of the hybrid suite', () => {
    const setup = setUp(XK_HYBRID, 42)
    const random = new SeededRandom(42)
    for (let index = 0; index < 3; index++) {
      for (let i = 0; i < 150; i++) {
        const { message, reader } = stopAt(setup, index)
        const at = random.below(message.length)
        const changed = withByte(message, at, (message[at] as number) ^ (1 << random.below(8)))
        expect(refusal(reader, changed)).toBe('E_AUTHENTICATION')
      }
    }
  })

  it.each(PROTOCOLS)('%s refuses messages beyond 65,535 bytes', (protocol) => {
    const setup = setUp(protocol, 43)
    for (const length of [65_536, 16_777_216])
      expect(refusal(startPair(setup).responder, new Uint8Array(length))).toBe('E_HANDSHAKE')
  })

  it('refuses appended bytes', () => {
    for (const protocol of [XK, XK_HYBRID, NN_PSK]) {
      const { message, reader } = stopAt(setUp(protocol, 44), 0)
      const longer = new Uint8Array(message.length + 1)
      longer.set(message)
      expect(refusal(reader, longer)).toBe('E_AUTHENTICATION')
    }
  })

  const LOW_ORDER = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ].map(fromHex)

  it('refuses low-order points as ephemeral or static key of the peer', () => {
    for (const point of LOW_ORDER) {
      const { message, reader } = stopAt(setUp(XK, 45), 0)
      message.set(point)
      expect(refusal(reader, message)).toBe('E_CRYPTO')

      const second = stopAt(setUp(XX, 45), 1)
      second.message.set(point)
      expect(refusal(second.reader, second.message)).toBe('E_CRYPTO')

      // In XX nothing is computed with the initiator's ephemeral until the answer is written.
      const first = stopAt(setUp(XX, 45), 0)
      first.message.set(point)
      first.reader.readMessage(first.message)
      expect(() => first.reader.writeMessage(EMPTY)).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))

      const { initiator } = setUp(XK, 45)
      const towards = createHandshake({ ...initiator, remoteStatic: point })
      expect(() => towards.writeMessage(EMPTY)).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
    }
  })

  it('refuses an encapsulation key that fails the modulus check, and ends there', () => {
    // In XXhfs the key travels in clear, so anyone could send this one.
    const { message, reader } = stopAt(setUp(XX_HYBRID, 46), 0)
    message.fill(0xff, 32, 35)
    reader.readMessage(message)
    expect(() => reader.writeMessage(EMPTY)).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
    expect(() => reader.writeMessage(EMPTY)).toThrow(expect.objectContaining({ code: 'E_HANDSHAKE' }))
  })

  it('notices another encapsulation key that passes the check', () => {
    const setup = setUp(XX_HYBRID, 47)
    const { message, reader, writer } = stopAt(setup, 0)
    const other = stopAt(setUp(XX_HYBRID, 48), 0).message
    message.set(other.subarray(32, 32 + 1184), 32)
    reader.readMessage(message)
    expect(refusal(writer, reader.writeMessage(EMPTY))).toBe('E_AUTHENTICATION')
  })

  it.each(['psk', 'prologue', 'static key of the peer'])('fails at once with another %s', (what) => {
    const protocol = what === 'psk' ? NN_PSK : XK
    const setup = setUp(protocol, 49)
    const change = {
      psk: { psks: [new Uint8Array(32)] },
      prologue: { prologue: utf8('prologuf') },
      'static key of the peer': { remoteStatic: setUp(XK, 50).initiator.staticKey?.publicKey },
    }[what]
    const { message, reader } = stopAt({ ...setup, initiator: { ...setup.initiator, ...change } }, 0)
    expect(refusal(reader, message)).toBe('E_AUTHENTICATION')
  })

  it('fails at the first tag when the two sides run different protocols', () => {
    const { responder } = setUp('Noise_XK_25519_ChaChaPoly_BLAKE2s', 51)
    const { message } = stopAt(setUp(XK, 51), 0)
    expect(refusal(createHandshake(responder), message)).toBe('E_AUTHENTICATION')
  })

  it('refuses a message replayed into another handshake', () => {
    const setup = setUp(XK, 52)
    const second = stopAt(setup, 1).message
    const other = stopAt({ ...setup, initiator: { ...setup.initiator, random: new SeededRandom(99) } }, 1)
    expect(refusal(other.reader, second)).toBe('E_AUTHENTICATION')
  })

  it('refuses its own message reflected', () => {
    const setup = setUp(NN_PSK, 53)
    const { initiator } = startPair(setup)
    expect(refusal(initiator, initiator.writeMessage(EMPTY))).toBe('E_AUTHENTICATION')
  })
})

describe('20,000 fuzzed Noise messages', () => {
  /** Damages a message in one of the ways a hostile peer might; always returns something else. */
  function damage(message: Uint8Array, random: SeededRandom): Uint8Array {
    switch (random.below(5)) {
      case 0:
        return message.subarray(0, random.below(message.length))
      case 1:
        return random.bytes(random.below(message.length * 2))
      case 2: {
        const longer = new Uint8Array(message.length + 1 + random.below(64))
        longer.set(message)
        return longer
      }
      case 3: {
        const copy = message.slice()
        const from = random.below(copy.length)
        copy.set(random.bytes(Math.min(copy.length - from, 1 + random.below(40))), from)
        return copy
      }
      default: {
        const at = random.below(message.length)
        return withByte(message, at, (message[at] as number) ^ (1 + random.below(255)))
      }
    }
  }

  it('end in a typed error at the latest when the handshake is carried on', { timeout: 240_000 }, () => {
    const random = new SeededRandom(20_000)
    const prepared = PROTOCOLS.map((protocol) => ({
      setup: setUp(protocol, 60),
      count: messageCount(protocol),
    }))
    const codes = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const { setup, count } = prepared[random.below(prepared.length)] as (typeof prepared)[number]
      const { message, reader, writer } = stopAt(setup, random.below(count))
      const damaged = damage(message, random)
      const isSame = damaged.length === message.length && damaged.every((byte, at) => byte === message[at])
      let code = 'accepted'
      try {
        reader.readMessage(damaged)
        // A readable first message may be accepted; the answer must then fail at the other end.
        if (!isSame) writer.readMessage(reader.writeMessage(EMPTY))
      } catch (error) {
        if (!(error instanceof AivError)) throw error
        code = error.code
      }
      codes.set(code, (codes.get(code) ?? 0) + 1)
      if (code === 'accepted') expect(isSame).toBe(true)
      else expect(() => reader.split()).toThrow(AivError)
    }
    expect([...codes.keys()].filter((code) => code !== 'accepted').sort()).toEqual([
      'E_AUTHENTICATION',
      'E_CRYPTO',
      'E_HANDSHAKE',
    ])
  })
})
