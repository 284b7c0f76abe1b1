/** BLAKE2b of any length, with a key or without, by @noble/hashes: OpenSSL has one length and no key. */
import { blake2b } from '@noble/hashes/blake2.js'
import { concat } from '../../core/index.ts'
import type { VariableBlake2b } from './surface.ts'

export const variableBlake2b: VariableBlake2b = ({ key, length }, ...parts) =>
  blake2b(concat(...parts), key === undefined ? { dkLen: length } : { key, dkLen: length })
