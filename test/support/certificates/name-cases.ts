/** Chains that differ in names, and in which of them their authorities may vouch for. */
import { type ChainCase, linear } from './cases.ts'

/** The constraints stand once at the root and once at an authority below it. */
function constrained(
  name: string,
  answer: string,
  constraints: string,
  names: string,
  host = names.replace(/^[^:]*:|,.*/g, ''),
  differences: Pick<ChainCase, 'openssl' | 'gnutls'> = {},
): readonly ChainCase[] {
  const leaf = [`subjectAltName=${names}`]
  const line = `nameConstraints=critical,${constraints}`
  return [
    linear(`${name}, by the root`, answer, { root: [line], intermediate: [], leaf, host }, differences),
    linear(`${name}, by another authority`, answer, { intermediate: [line], leaf, host }, differences),
  ]
}

/** Subjects of servers under an authority that is constrained to, or kept from, a part of the directory. */
function subjects(
  constraint: string,
  rows: readonly (readonly [tree: string, subject: string, answer: string])[],
): readonly ChainCase[] {
  return rows.map(([tree, subject, answer]) => ({
    name: `the subject ${subject} where ${constraint.replace(/;.*/, '')} is ${tree}`,
    answer,
    make: (pki) => {
      const root = pki.authority('root', {
        extensions: [`nameConstraints=critical,${constraint}`, `[tree]\n${tree}`],
      })
      return { chain: [pki.server({ issuer: root, subject })], roots: [root] }
    },
    ...((answer === 'accepted') === constraint.startsWith('excluded')
      ? { gnutls: 'to it each subject is permitted, and excluded' }
      : {}),
  }))
}

const NO_FALLBACK = 'it falls back to the common name, which RFC 9525 no longer allows'
const EMAIL = 'it evaluates them; here whatever is not evaluated is refused'

export const NAME_CASES: readonly ChainCase[] = [
  linear('another name', 'bad_certificate', { host: 'www.example.org' }),
  linear('an address', 'accepted', { leaf: ['subjectAltName=IP:192.0.2.1'], host: '192.0.2.1' }),
  linear('an address of version 6', 'accepted', {
    leaf: ['subjectAltName=IP:2001:db8::1'],
    host: '2001:db8::1',
  }),
  linear('another address', 'bad_certificate', { leaf: ['subjectAltName=IP:192.0.2.1'], host: '192.0.2.2' }),
  linear('an address that is written as a name', 'bad_certificate', {
    leaf: ['subjectAltName=DNS:192.0.2.1'],
    host: '192.0.2.1',
  }),
  {
    name: 'a name that is only the common name',
    answer: 'bad_certificate',
    make: (pki) => {
      const root = pki.authority('root')
      const server = pki.server({
        issuer: root,
        subject: '/CN=www.example.com',
        extensions: ['subjectAltName='],
      })
      return { chain: [server], roots: [root] }
    },
    openssl: NO_FALLBACK,
    gnutls: NO_FALLBACK,
  },
  ...constrained(
    'a domain that is permitted',
    'accepted',
    'permitted;DNS:example.com',
    'DNS:www.example.com',
  ),
  ...constrained('the permitted domain itself', 'accepted', 'permitted;DNS:EXAMPLE.com', 'DNS:example.com'),
  ...constrained(
    'a domain that ends like the permitted one',
    'bad_certificate',
    'permitted;DNS:example.com',
    'DNS:notexample.com',
  ),
  ...constrained(
    'one more name, which is not permitted',
    'bad_certificate',
    'permitted;DNS:example.com',
    'DNS:www.example.com,DNS:example.org',
  ),
  ...constrained(
    'one of two permitted domains',
    'accepted',
    'permitted;DNS:example.org,permitted;DNS:example.com',
    'DNS:www.example.com',
  ),
  ...constrained(
    'a domain that is excluded',
    'bad_certificate',
    'excluded;DNS:example.com',
    'DNS:www.example.com',
  ),
  ...constrained(
    'a domain beside an excluded one',
    'accepted',
    'excluded;DNS:example.org',
    'DNS:www.example.com',
  ),
  ...constrained(
    'an excluded part of a permitted domain',
    'bad_certificate',
    'permitted;DNS:example.com,excluded;DNS:secret.example.com',
    'DNS:a.secret.example.com',
  ),
  ...constrained(
    'a wildcard that stands for an excluded name too',
    'bad_certificate',
    'excluded;DNS:secret.example.com',
    'DNS:*.example.com',
    'secret.example.com',
    {
      openssl: 'it compares a wildcard as if it were a name',
      gnutls: 'it compares a wildcard as if it were a name',
    },
  ),
  ...constrained(
    'all names excluded',
    'bad_certificate',
    'DER:3006a10430028200',
    'DNS:www.example.com',
    'www.example.com',
  ),
  ...constrained(
    'an address where names are permitted',
    'accepted',
    'permitted;DNS:example.com',
    'IP:192.0.2.1',
    '192.0.2.1',
    { gnutls: 'it takes a constraint of names for one of addresses too' },
  ),
  ...constrained(
    'an address in a permitted network',
    'accepted',
    'permitted;IP:192.0.2.0/255.255.255.0',
    'IP:192.0.2.1',
    '192.0.2.1',
  ),
  ...constrained(
    'an address outside of a permitted network',
    'bad_certificate',
    'permitted;IP:192.0.2.0/255.255.255.0',
    'IP:192.0.3.1',
    '192.0.3.1',
  ),
  ...constrained(
    'an address in an excluded network that is written with an address',
    'bad_certificate',
    'excluded;IP:192.0.2.77/255.255.255.0',
    'IP:192.0.2.1',
    '192.0.2.1',
  ),
  ...constrained(
    'an address of version 6 where version 4 is permitted',
    'bad_certificate',
    'permitted;IP:192.0.2.0/255.255.255.0',
    'IP:2001:db8::1',
    '2001:db8::1',
    { gnutls: 'it takes addresses of either version for names of different kinds' },
  ),
  ...constrained(
    'an address of version 6 in an excluded network',
    'bad_certificate',
    'excluded;IP:2001:db8::/ffff:ffff::',
    'IP:2001:db8::1',
    '2001:db8::1',
  ),
  ...subjects('permitted;dirName:tree', [
    ['O=Some Company', '/O=some  company/OU=servers', 'accepted'],
    ['O=Some Company', '/O=Some Company', 'accepted'],
    ['O=Some Company', '/O=Others', 'bad_certificate'],
    ['O=Some Company', '/OU=servers/O=Some Company', 'bad_certificate'],
  ]),
  ...subjects('excluded;dirName:tree', [
    ['O=Some Company', '/O=some  company/OU=servers', 'bad_certificate'],
    ['O=Some Company', '/O=Others', 'accepted'],
  ]),
  {
    name: 'a domain that is not permitted, under the name of the authority itself',
    answer: 'bad_certificate',
    make: (pki) => {
      const root = pki.authority('root', {
        extensions: ['nameConstraints=critical,permitted;DNS:example.org'],
      })
      return { chain: [pki.server({ issuer: root, subject: '/CN=root' })], roots: [root] }
    },
  },
  {
    name: 'a next key of an authority, under a name that is not permitted to others',
    answer: 'accepted',
    make: (pki) => {
      const extensions = ['nameConstraints=critical,permitted;dirName:tree', '[tree]\nO=Some Company']
      const root = pki.authority('root', { extensions })
      const next = pki.authority('root', { issuer: root })
      return { chain: [pki.server({ issuer: next, subject: '/O=Some Company' }), next], roots: [root] }
    },
  },
  ...constrained(
    'constraints of mail addresses',
    'unsupported_certificate',
    'permitted;email:example.com',
    'DNS:www.example.com',
    undefined,
    { openssl: EMAIL, gnutls: EMAIL },
  ),
]
