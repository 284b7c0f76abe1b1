/** Demo step: both implementations of the primitives give the answers printed in the standards. */
import { type DemoCheck, type DemoStep, EMPTY, equal, fromHex, utf8 } from '../../core/index.ts'
import { type CryptoProvider, loadNobleProvider, nodeProvider } from '../../crypto/index.ts'

interface KnownAnswer {
  readonly name: string
  readonly holds: (provider: CryptoProvider) => boolean
}

const KNOWN_ANSWERS: readonly KnownAnswer[] = [
  {
    name: 'SHA-256 gives the digest of FIPS 180-4',
    holds: (provider) =>
      equal(
        provider.sha256(utf8('abc')),
        fromHex('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'),
      ),
  },
  {
    name: 'X25519 gives the shared secret of RFC 7748',
    holds: (provider) =>
      equal(
        provider.x25519
          .fromPrivate(fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'))
          .sharedSecret(fromHex('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')),
        fromHex('4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'),
      ),
  },
  {
    name: 'Ed25519 gives the signature of RFC 8032 and refuses an altered message',
    holds: signsAsRfc8032,
  },
  {
    name: 'ChaCha20-Poly1305 gives the tag of RFC 8439 and refuses an altered ciphertext',
    holds: sealsAsRfc8439,
  },
  {
    name: 'ML-KEM-768 agrees on a secret and hides that a ciphertext was altered',
    holds: encapsulates,
  },
]

export const cryptographyStep: DemoStep = {
  name: 'cryptography',
  summary: 'both implementations of the primitives give the answers of the standards',
  async run() {
    const providers = [nodeProvider, await loadNobleProvider()]
    return providers.flatMap((provider) =>
      KNOWN_ANSWERS.map(
        ({ name, holds }): DemoCheck => ({ name: `${name} (${provider.name})`, passed: holds(provider) }),
      ),
    )
  },
}

/** RFC 8032 section 7.1, TEST 2. */
function signsAsRfc8032({ ed25519 }: CryptoProvider): boolean {
  const pair = ed25519.fromSeed(fromHex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'))
  const signature = pair.sign(Uint8Array.of(0x72))
  const expected = fromHex(
    '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da' +
      '085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
  )
  return (
    equal(signature, expected) &&
    ed25519.verify(pair.publicKey, Uint8Array.of(0x72), signature) &&
    !ed25519.verify(pair.publicKey, Uint8Array.of(0x73), signature)
  )
}

/** RFC 8439 section 2.8.2. */
function sealsAsRfc8439({ chacha20poly1305 }: CryptoProvider): boolean {
  const key = fromHex('808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f')
  const nonce = fromHex('070000004041424344454647')
  const aad = fromHex('50515253c0c1c2c3c4c5c6c7')
  const plaintext = utf8(
    "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
  )
  const sealed = chacha20poly1305.seal(key, nonce, aad, plaintext)
  const altered = sealed.slice()
  altered[0] = (altered[0] as number) ^ 1
  return (
    equal(sealed.subarray(plaintext.length), fromHex('1ae10b594f09e26a7e902ecbd0600691')) &&
    equal(chacha20poly1305.open(key, nonce, aad, sealed) ?? EMPTY, plaintext) &&
    chacha20poly1305.open(key, nonce, aad, altered) === undefined
  )
}

function encapsulates({ mlkem768 }: CryptoProvider): boolean {
  const pair = mlkem768.generate()
  const { ciphertext, sharedSecret } = mlkem768.encapsulate(pair.encapsulationKey)
  const altered = ciphertext.slice()
  altered[0] = (altered[0] as number) ^ 1
  return (
    equal(pair.decapsulate(ciphertext), sharedSecret) &&
    !equal(pair.decapsulate(altered), sharedSecret) &&
    pair.decapsulate(altered).length === sharedSecret.length
  )
}
