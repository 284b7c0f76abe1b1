/** Chains that differ in what is sent and trusted, and when. */
import type { ChainCase } from './cases.ts'
import { pemOf } from './openssl-pki.ts'

const AUTHORITIES_ALONE = 'it takes only authorities for roots'

export const PATH_CASES: readonly ChainCase[] = [
  {
    name: 'a server, an intermediate authority and a root',
    answer: 'accepted',
    make: (pki) => {
      const root = pki.authority('root')
      const intermediate = pki.authority('intermediate', { issuer: root })
      return { chain: [pki.server({ issuer: intermediate }), intermediate], roots: [root] }
    },
  },
  {
    name: 'a server that the root vouches for',
    answer: 'accepted',
    make: (pki) => {
      const root = pki.authority('root')
      return { chain: [pki.server({ issuer: root })], roots: [root] }
    },
  },
  {
    name: 'authorities in the wrong order, with strangers and the root among them',
    answer: 'accepted',
    make: (pki) => {
      const root = pki.authority('root')
      const upper = pki.authority('upper', { issuer: root })
      const lower = pki.authority('lower', { issuer: upper })
      const strangers = [pki.authority('stranger'), pki.authority('other', { issuer: root })]
      return { chain: [pki.server({ issuer: lower }), root, ...strangers, upper, lower], roots: [root] }
    },
  },
  {
    name: 'an intermediate authority that was not sent',
    answer: 'unknown_ca',
    make: (pki) => {
      const root = pki.authority('root')
      const intermediate = pki.authority('intermediate', { issuer: root })
      return { chain: [pki.server({ issuer: intermediate })], roots: [root] }
    },
  },
  {
    name: 'a root that is sent and not trusted',
    answer: 'unknown_ca',
    make: (pki) => {
      const root = pki.authority('root')
      return { chain: [pki.server({ issuer: root }), root], roots: [pki.authority('another root')] }
    },
  },
  {
    name: 'a root of the same name with another key',
    answer: 'bad_certificate',
    make: (pki) => ({
      chain: [pki.server({ issuer: pki.authority('root') })],
      roots: [pki.authority('root')],
    }),
  },
  {
    name: 'two roots of the same name',
    answer: 'accepted',
    make: (pki) => {
      const root = pki.authority('root')
      return { chain: [pki.server({ issuer: root })], roots: [pki.authority('root'), root] }
    },
  },
  {
    name: 'an intermediate authority that is trusted itself',
    answer: 'accepted',
    make: (pki) => {
      const intermediate = pki.authority('intermediate', { issuer: pki.authority('root') })
      return { chain: [pki.server({ issuer: intermediate })], roots: [intermediate] }
    },
  },
  {
    name: 'a server that is trusted itself and signed by itself',
    answer: 'accepted',
    make: (pki) => {
      const server = pki.server()
      return { chain: [server], roots: [server] }
    },
    gnutls: AUTHORITIES_ALONE,
  },
  {
    name: 'a server that is trusted itself and signed by another',
    answer: 'accepted',
    make: (pki) => {
      const server = pki.server({ issuer: pki.authority('root') })
      return { chain: [server], roots: [server] }
    },
    gnutls: AUTHORITIES_ALONE,
  },
  {
    name: 'a server that signed itself',
    answer: 'unknown_ca',
    make: (pki) => ({ chain: [pki.server()], roots: [pki.authority('root')] }),
  },
  {
    name: 'a server that signed itself, under the name of another that is trusted',
    answer: 'unknown_ca',
    make: (pki) => ({ chain: [pki.server()], roots: [pki.server()] }),
  },
  {
    name: 'an authority that two others vouch for, the stranger first',
    answer: 'accepted',
    make: (pki) => {
      const [root, stranger] = [pki.authority('root'), pki.authority('stranger')]
      const key = pki.ecKey()
      const [good, other] = [root, stranger].map((issuer) => pki.authority('cross', { issuer, key }))
      if (good === undefined || other === undefined) throw new Error('two were made')
      return { chain: [pki.server({ issuer: good }), other, stranger, good], roots: [root] }
    },
    openssl: 'it never goes back from a path that ends',
    gnutls: 'it never goes back from a path that ends',
  },
  {
    name: 'an authority that two others vouch for, one of which has expired',
    afterDays: 5,
    answer: 'accepted',
    make: (pki) => {
      const [root, old] = [pki.authority('root'), pki.authority('old', { days: 3 })]
      const key = pki.ecKey()
      const good = pki.authority('cross', { issuer: root, key })
      const expired = pki.authority('cross', { issuer: old, key, days: 2 })
      const server = pki.server({ issuer: good })
      return { chain: [server, expired, old, good], roots: [root, old] }
    },
  },
  {
    name: 'two authorities that vouch for each other and for nobody who is trusted',
    answer: 'unknown_ca',
    make: (pki) => {
      const [a, b] = [pki.ecKey(), pki.ecKey()]
      const first = pki.authority('a', { issuer: pki.authority('b', { key: b }), key: a })
      const second = pki.authority('b', { issuer: first, key: b })
      return { chain: [pki.server({ issuer: first }), first, second], roots: [pki.authority('root')] }
    },
  },
  {
    name: 'a root whose name was written with other letters and blanks',
    answer: 'accepted',
    make: (pki) => {
      const key = pki.ecKey()
      const issuer = pki.authority('', { subject: '/O=Some  Authority/CN=THE root ', key })
      const root = pki.authority('', { subject: '/O=some authority/CN=the Root', key })
      return { chain: [pki.server({ issuer })], roots: [root] }
    },
    gnutls: 'it compares names byte by byte',
  },
  {
    name: 'a signature of which one bit was changed',
    answer: 'bad_certificate',
    make: (pki) => {
      const root = pki.authority('root')
      const server = pki.server({ issuer: root })
      const der = server.der.slice()
      der[der.length - 1] = (der.at(-1) ?? 0) ^ 1
      return { chain: [{ ...server, der, pem: pemOf(der) }], roots: [root] }
    },
  },
  ...[
    { who: 'server', days: { server: 5, intermediate: 30, root: 30 } },
    { who: 'intermediate authority', days: { server: 30, intermediate: 5, root: 30 } },
    { who: 'root', days: { server: 30, intermediate: 30, root: 5 } },
  ].flatMap(({ who, days }) =>
    (
      [
        ['on its last day', 4.9, 'accepted'],
        ['on the day after its last', 5.1, 'certificate_expired'],
      ] as const
    ).map(
      ([when, afterDays, answer]): ChainCase => ({
        name: `a ${who} ${when}`,
        afterDays,
        answer,
        make: (pki) => {
          const root = pki.authority('root', { days: days.root })
          const intermediate = pki.authority('intermediate', { issuer: root, days: days.intermediate })
          const server = pki.server({ issuer: intermediate, days: days.server })
          return { chain: [server, intermediate], roots: [root] }
        },
      }),
    ),
  ),
  {
    name: 'certificates of tomorrow',
    afterDays: -1,
    answer: 'certificate_expired',
    make: (pki) => {
      const root = pki.authority('root')
      return { chain: [pki.server({ issuer: root })], roots: [root] }
    },
  },
]
