import { describe, expect, it } from 'vitest'
import { EMPTY, type RandomSource, toHex, utf8 } from '../../src/lib/core/index.ts'
import {
  type CryptoProvider,
  type MlKem768KeyPair,
  nodeProvider,
  type X25519KeyPair,
} from '../../src/lib/crypto/index.ts'
import { HTX_PROTOCOLS, OTHER_PROTOCOLS, passMessages, setUp, startPair } from './pairs.ts'

interface Recorded {
  readonly provider: CryptoProvider
  /** Every secret array the provider handed out, and every cipher key it was handed. */
  readonly secrets: Uint8Array[]
  /** Every array that went into a key derivation. */
  readonly inputs: Uint8Array[]
  /** Key pairs that were made and not erased. */
  readonly unerased: Set<object>
}

function recordingProvider(): Recorded {
  const secrets: Uint8Array[] = []
  const inputs: Uint8Array[] = []
  const unerased = new Set<object>()
  const remember = (secret: Uint8Array): Uint8Array => {
    secrets.push(secret)
    return secret
  }
  const watchPair = (pair: X25519KeyPair): X25519KeyPair => {
    const watched: X25519KeyPair = {
      publicKey: pair.publicKey,
      sharedSecret: (remote) => remember(pair.sharedSecret(remote)),
      trySharedSecret: (remote) => pair.trySharedSecret(remote),
      exportPrivate: () => remember(pair.exportPrivate()),
      erase() {
        unerased.delete(watched)
        pair.erase()
      },
    }
    unerased.add(watched)
    return watched
  }
  const watchKem = (pair: MlKem768KeyPair): MlKem768KeyPair => {
    const watched: MlKem768KeyPair = {
      encapsulationKey: pair.encapsulationKey,
      decapsulate: (ciphertext) => remember(pair.decapsulate(ciphertext)),
      exportSeed: () => remember(pair.exportSeed()),
      erase() {
        unerased.delete(watched)
        pair.erase()
      },
    }
    unerased.add(watched)
    return watched
  }
  const provider: CryptoProvider = {
    ...nodeProvider,
    hmac(hash, key, ...parts) {
      inputs.push(...parts)
      return remember(nodeProvider.hmac(hash, key, ...parts))
    },
    chacha20poly1305: {
      ...nodeProvider.chacha20poly1305,
      seal: (key, ...rest) => nodeProvider.chacha20poly1305.seal(remember(key), ...rest),
      open: (key, ...rest) => nodeProvider.chacha20poly1305.open(remember(key), ...rest),
    },
    x25519: {
      ...nodeProvider.x25519,
      generate: (random) => watchPair(nodeProvider.x25519.generate(random)),
      fromPrivate: (raw) => watchPair(nodeProvider.x25519.fromPrivate(raw)),
    },
    mlkem768: {
      ...nodeProvider.mlkem768,
      generate: (seed) => watchKem(nodeProvider.mlkem768.generate(seed)),
      encapsulate(key, m) {
        const made = nodeProvider.mlkem768.encapsulate(key, m)
        remember(made.sharedSecret)
        return made
      },
    },
  }
  return { provider, secrets, inputs, unerased }
}

/** Remembers every draw, so that seeds can be checked too. */
function recordingRandom(random: RandomSource, drawn: Uint8Array[]): RandomSource {
  return {
    bytes(length) {
      const bytes = random.bytes(length)
      drawn.push(bytes)
      return bytes
    },
  }
}

const isZero = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0)

describe.each([...HTX_PROTOCOLS, ...OTHER_PROTOCOLS])('the secrets of %s', (protocol) => {
  function start() {
    const recorded = recordingProvider()
    const setup = setUp(protocol, 70)
    const drawn: Uint8Array[] = []
    const { provider } = recorded
    const pair = startPair({
      initiator: {
        ...setup.initiator,
        provider,
        random: recordingRandom(setup.initiator.random as RandomSource, drawn),
      },
      responder: {
        ...setup.responder,
        provider,
        random: recordingRandom(setup.responder.random as RandomSource, drawn),
      },
    })
    const psks = [...(setup.initiator.psks ?? [])]
    /** Copies of a psk that still hold it; the caller's own array does not count. */
    const pskCopies = () =>
      recorded.inputs.filter((input) => psks.some((psk) => input !== psk && toHex(input) === toHex(psk)))
    return { ...recorded, drawn, pair, pskCopies }
  }

  it('are all zero after split, but for the keys that split gave out', () => {
    const { pair, secrets, unerased, drawn, pskCopies } = start()
    passMessages(pair, utf8('payload'))
    expect(secrets.some((secret) => !isZero(secret))).toBe(true)
    const given = [pair.initiator.split(), pair.responder.split()].flatMap(({ k1, k2 }) => [k1, k2])
    const left = secrets.filter((secret) => !isZero(secret))
    expect(new Set(left)).toEqual(new Set(given))
    expect(left.map(toHex).sort()).toEqual(given.map(toHex).sort())
    expect(unerased.size).toBe(0)
    expect(drawn.every(isZero)).toBe(true)
    expect(pskCopies()).toEqual([])
  })

  it('are all zero on the side that met a forgery', () => {
    const { pair, secrets, unerased, drawn } = start()
    const { initiator, responder } = pair
    const message = initiator.writeMessage(utf8('payload'))
    initiator.erase()
    try {
      responder.readMessage(message.subarray(0, 20))
    } catch {
      expect(secrets.filter((secret) => !isZero(secret))).toEqual([])
      expect(unerased.size).toBe(0)
      expect(drawn.every(isZero)).toBe(true)
      return
    }
    expect.unreachable('a message of 20 bytes was accepted')
  })

  it('are all zero when a forgery comes last', () => {
    const { pair, secrets, unerased, pskCopies } = start()
    const count = passMessages(startPair(setUp(protocol, 70)), EMPTY).length
    passMessages(pair, EMPTY, count - 1)
    const [writer, reader] = pair.initiator.myTurn
      ? [pair.initiator, pair.responder]
      : [pair.responder, pair.initiator]
    const message = writer.writeMessage(EMPTY)
    writer.erase()
    message[message.length - 1] = (message[message.length - 1] as number) ^ 1
    expect(() => reader.readMessage(message)).toThrow(expect.objectContaining({ code: 'E_AUTHENTICATION' }))
    expect(secrets.filter((secret) => !isZero(secret))).toEqual([])
    expect(unerased.size).toBe(0)
    expect(pskCopies()).toEqual([])
  })
})
