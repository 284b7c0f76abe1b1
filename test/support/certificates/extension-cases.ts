/** Chains that differ in what their certificates may be used for. */
import { type ChainCase, linear } from './cases.ts'

const STRICT_KEY_USAGE =
  '-x509_strict asks each authority for keyUsage, which RFC 5280 does only of conforming ones'
const TLS_1_2 = 'before TLS 1.3 a client could encrypt to such a key'

/** An authority of an authority, so that a path has two between server and root. */
function twoBetween(name: string, answer: string, root: string): ChainCase {
  return {
    name,
    answer,
    make: (pki) => {
      const top = pki.authority('root', { extensions: [root] })
      const upper = pki.authority('upper', { issuer: top })
      const lower = pki.authority('lower', { issuer: upper })
      return { chain: [pki.server({ issuer: lower }), lower, upper], roots: [top] }
    },
  }
}

export const EXTENSION_CASES: readonly ChainCase[] = [
  linear('an authority whose certificate does not say so', 'unknown_ca', {
    intermediate: ['basicConstraints=', 'keyUsage='],
  }),
  linear('an authority whose certificate says that it is none', 'unknown_ca', {
    intermediate: ['basicConstraints=critical,CA:FALSE', 'keyUsage=digitalSignature'],
  }),
  linear('a root whose certificate says that it is none', 'unknown_ca', {
    root: ['basicConstraints=critical,CA:FALSE', 'keyUsage=digitalSignature'],
  }),
  linear('an authority whose key may not sign certificates', 'unknown_ca', {
    intermediate: ['keyUsage=critical,cRLSign'],
  }),
  linear(
    'an authority whose key may do anything',
    'accepted',
    { intermediate: ['keyUsage='] },
    { openssl: STRICT_KEY_USAGE },
  ),
  linear('a path that is as long as its root allows', 'accepted', {
    root: ['basicConstraints=critical,CA:TRUE,pathlen:1'],
    intermediate: ['basicConstraints=critical,CA:TRUE,pathlen:0'],
  }),
  linear('a path that is longer than its root allows', 'unknown_ca', {
    root: ['basicConstraints=critical,CA:TRUE,pathlen:0'],
    intermediate: [],
  }),
  twoBetween('a longer path that its root allows', 'accepted', 'basicConstraints=critical,CA:TRUE,pathlen:2'),
  twoBetween(
    'a longer path than its root allows',
    'unknown_ca',
    'basicConstraints=critical,CA:TRUE,pathlen:1',
  ),
  {
    name: 'a root that vouches for its own next key, which makes no path longer',
    answer: 'accepted',
    make: (pki) => {
      const root = pki.authority('root', { extensions: ['basicConstraints=critical,CA:TRUE,pathlen:0'] })
      const next = pki.authority('root', { issuer: root })
      return { chain: [pki.server({ issuer: next }), next], roots: [root] }
    },
    gnutls: 'it counts every authority',
  },
  linear('a server whose certificate is for an authority too', 'accepted', {
    leaf: ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,digitalSignature,keyCertSign'],
  }),
  linear('a server whose key may do anything', 'accepted', { leaf: ['keyUsage='] }),
  linear(
    'a server whose key may only be encrypted to',
    'unsupported_certificate',
    { leaf: ['keyUsage=critical,keyEncipherment'] },
    { openssl: TLS_1_2, gnutls: TLS_1_2 },
  ),
  linear('a server for any purpose that is not named', 'accepted', { leaf: ['extendedKeyUsage='] }),
  linear('a server among other purposes', 'accepted', { leaf: ['extendedKeyUsage=clientAuth,serverAuth'] }),
  linear('a certificate for clients', 'unsupported_certificate', { leaf: ['extendedKeyUsage=clientAuth'] }),
  linear(
    'a server for "any purpose"',
    'unsupported_certificate',
    { leaf: ['extendedKeyUsage=anyExtendedKeyUsage'] },
    { gnutls: 'it takes any purpose for each' },
  ),
  linear('an authority for servers', 'accepted', { intermediate: ['extendedKeyUsage=serverAuth'] }),
  linear('an authority for clients alone', 'unsupported_certificate', {
    intermediate: ['extendedKeyUsage=clientAuth'],
  }),
  linear(
    'a root for mail alone',
    'unsupported_certificate',
    { root: ['extendedKeyUsage=emailProtection'] },
    { gnutls: 'it does not ask what roots are for' },
  ),
  linear('an authority for "any purpose"', 'unsupported_certificate', {
    intermediate: ['extendedKeyUsage=anyExtendedKeyUsage'],
  }),
  linear('an unknown extension', 'accepted', {
    intermediate: ['1.2.3.4=DER:0500'],
    leaf: ['1.2.3.4=DER:0500'],
  }),
  linear('an unknown critical extension of the server', 'unsupported_certificate', {
    leaf: ['1.2.3.4=critical,DER:0500'],
  }),
  linear('an unknown critical extension of an authority', 'unsupported_certificate', {
    intermediate: ['1.2.3.4=critical,DER:0500'],
  }),
  linear('critical policies', 'accepted', {
    intermediate: ['certificatePolicies=critical,1.2.3.4', 'inhibitAnyPolicy=critical,0'],
    leaf: ['certificatePolicies=critical,1.2.3.4'],
  }),
  linear(
    'an authority that demands a policy',
    'unsupported_certificate',
    { intermediate: ['policyConstraints=critical,requireExplicitPolicy:0'] },
    { openssl: 'it checks policies only with -policy_check' },
  ),
]
