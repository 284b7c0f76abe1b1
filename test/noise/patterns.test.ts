import { describe, expect, it } from 'vitest'
import { parseProtocol } from '../../src/lib/noise/index.ts'
import { parsePattern } from '../../src/lib/noise/patterns.ts'

const unsupported = expect.objectContaining({ name: 'AivError', code: 'E_UNSUPPORTED' })

const messagesOf = (name: string): string[] =>
  parsePattern(name).messages.map((message) => message.join(', '))

describe('Noise patterns', () => {
  // The message patterns as the HTX specification writes them out, section 3.1.
  it.each([
    ['XK', ['e, es', 'e, ee', 's, se']],
    ['XKhfs', ['e, es, e1', 'e, ee, ekem1', 's, se']],
    ['NNpsk0', ['psk, e', 'e, ee']],
    ['NNhfs+psk0', ['psk, e, e1', 'e, ee, ekem1']],
    ['XX', ['e', 'e, ee, s, es', 's, se']],
    ['XXhfs', ['e, e1', 'e, ee, ekem1, s, es', 's, se']],
  ])('%s expands as specified', (name, messages) => {
    expect(messagesOf(name)).toEqual(messages)
  })

  // Noise HFS revision 1, section 5.2, and Noise revision 34, sections 9.4 and 10.2.
  it.each([
    ['KKhfs', ['e, es, e1, ss', 'e, ee, ekem1, se']],
    ['IKhfs', ['e, es, e1, s, ss', 'e, ee, ekem1, se']],
    ['Xpsk1', ['e, es, s, ss, psk']],
    ['XXpsk3', ['e', 'e, ee, s, es', 's, se, psk']],
    ['KKpsk0', ['psk, e, es, ss', 'e, ee, se']],
    ['XKpsk2', ['e, es', 'e, ee, psk', 's, se']],
  ])('%s expands as published', (name, messages) => {
    expect(messagesOf(name)).toEqual(messages)
  })

  it('turns XX around for XXfallback, whose first writer holds the other end of es', () => {
    expect(parsePattern('XXfallback')).toEqual({
      initiatorPreMessage: [],
      responderPreMessage: ['e'],
      messages: [
        ['e', 'ee', 's', 'se'],
        ['s', 'es'],
      ],
    })
  })

  it.each([
    '',
    'Q',
    'xx',
    'XX2',
    'XXhf',
    'XXpsk',
    'XXpsk4',
    'NNpsk3',
    'XXpsk10',
    'XXpsk0+hfs',
    'XXhfs+hfs',
    'XXpsk0+psk0',
    'XXhfs+',
    'XX+hfs',
    'NXfallback+fallback',
    'XXfallback+hfs',
    'XXfallback+psk0',
    'XKfallback',
    'IKfallback',
    'Nfallback',
    'Nhfs',
    'constructor',
    '__proto__',
  ])('%j is refused', (name) => {
    expect(() => parsePattern(name)).toThrow(unsupported)
  })
})

describe('Noise protocol names', () => {
  it('give pattern, hash and the name as it was spelled', () => {
    const name = 'Noise_XXhfs_25519+ML-KEM-768_ChaChaPoly_SHA256'
    expect(parseProtocol(name)).toEqual({ name, hash: 'sha256', pattern: parsePattern('XXhfs') })
  })

  it.each([
    '',
    'Noise',
    'Noise_XX_25519_ChaChaPoly',
    'Noise_XX_25519_ChaChaPoly_SHA256_',
    'noise_XX_25519_ChaChaPoly_SHA256',
    'Noise_XX_448_ChaChaPoly_SHA256',
    'Noise_XX_25519_AESGCM_SHA256',
    'Noise_XX_25519_ChaChaPoly_SHA512',
    'Noise_XX_25519_ChaChaPoly_BLAKE2b',
    'Noise_XXhfs_25519_ChaChaPoly_SHA256',
    'Noise_XX_25519+MLKEM768_ChaChaPoly_SHA256',
    'Noise_XXhfs_25519+MLKEM1024_ChaChaPoly_SHA256',
  ])('%j is refused', (name) => {
    expect(() => parseProtocol(name)).toThrow(unsupported)
  })
})
