/** Digests alone, for commands that need no other primitive: loading all of them takes longer than a small command. */
export { sha256 } from './node/hash.ts'
export { sha1 } from './sha1.ts'
