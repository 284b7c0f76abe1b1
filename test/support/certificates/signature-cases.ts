/** Chains that differ in how they are signed. */
import { generateKeyPairSync } from 'node:crypto'
import type { ChainCase } from './cases.ts'
import type { MadeKey, OpensslPki } from './openssl-pki.ts'

const EDWARDS = ''

interface Signed {
  readonly root?: (pki: OpensslPki) => MadeKey
  readonly leaf?: (pki: OpensslPki) => MadeKey
  readonly hash?: string
  readonly options?: readonly string[]
  readonly rootHash?: string
}

function signed(
  name: string,
  answer: string,
  { root, leaf, hash = 'sha256', options = [], rootHash = hash }: Signed,
  differences: Pick<ChainCase, 'openssl' | 'gnutls'> = {},
): ChainCase {
  return {
    name,
    answer,
    ...differences,
    make: (pki) => {
      const [rootKey, leafKey] = [root ?? ec('P-256'), leaf ?? ec('P-256')]
      const top = pki.authority('root', { key: rootKey(pki), hash: rootHash })
      const server = pki.server({ issuer: top, key: leafKey(pki), hash, options })
      return { chain: [server], roots: [top] }
    },
  }
}

const rsa =
  (modulusLength: number, publicExponent = 65_537) =>
  (pki: OpensslPki): MadeKey =>
    pki.key(() => generateKeyPairSync('rsa', { modulusLength, publicExponent }))
const ec =
  (curve: string) =>
  (pki: OpensslPki): MadeKey =>
    pki.ecKey(curve)

const rsaPss = (pki: OpensslPki): MadeKey =>
  pki.key(() =>
    generateKeyPairSync('rsa-pss', {
      modulusLength: 2048,
      hashAlgorithm: 'sha256',
      mgf1HashAlgorithm: 'sha256',
    }),
  )

const PSS = ['-sigopt', 'rsa_padding_mode:pss', '-sigopt']

export const SIGNATURE_CASES: readonly ChainCase[] = [
  ...['sha256', 'sha384', 'sha512'].flatMap((hash) => [
    signed(`RSA with ${hash}`, 'accepted', { root: rsa(2048), hash }),
    signed(`RSA-PSS with ${hash}`, 'accepted', {
      root: rsa(2048),
      hash,
      options: [...PSS, `rsa_pss_saltlen:${Number(hash.slice(3)) / 8}`],
    }),
    ...['P-256', 'P-384', 'P-521'].map((curve) =>
      signed(`ECDSA on ${curve} with ${hash}`, 'accepted', { root: ec(curve), leaf: ec(curve), hash }),
    ),
  ]),
  signed('a key that is for RSA-PSS alone', 'accepted', {
    root: rsaPss,
    options: [...PSS, 'rsa_pss_saltlen:32'],
  }),
  signed('Ed25519', 'accepted', {
    root: (pki) => pki.key(() => generateKeyPairSync('ed25519')),
    leaf: (pki) => pki.key(() => generateKeyPairSync('ed25519')),
    hash: EDWARDS,
  }),
  signed('an RSA key of 2048 bits', 'accepted', { leaf: rsa(2048) }),
  signed('an RSA key of 1024 bits', 'unsupported_certificate', { leaf: rsa(1024) }),
  signed('an authority with an RSA key of 1024 bits', 'unsupported_certificate', { root: rsa(1024) }),
  signed('SHA-1', 'unsupported_certificate', { root: rsa(2048), hash: 'sha1' }),
  signed('MD5', 'unsupported_certificate', { root: rsa(2048), hash: 'md5' }),
  signed('ECDSA with SHA-1', 'unsupported_certificate', { hash: 'sha1' }),
  signed('a root that signed itself with SHA-1', 'accepted', { rootHash: 'sha1' }),
  signed(
    'RSA-PSS with a salt of another length than its hash',
    'unsupported_certificate',
    { root: rsa(2048), options: [...PSS, 'rsa_pss_saltlen:20'] },
    { openssl: 'TLS has no scheme for it' },
  ),
  signed(
    'a curve that TLS does not use',
    'unsupported_certificate',
    { leaf: ec('secp256k1') },
    { openssl: 'it knows the curve' },
  ),
  signed(
    'Ed448',
    'unsupported_certificate',
    { leaf: (pki) => pki.key(() => generateKeyPairSync('ed448')) },
    { openssl: 'it knows the curve', gnutls: 'it knows the curve' },
  ),
]
