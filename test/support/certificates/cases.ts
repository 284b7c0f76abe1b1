/** A question about a chain with what must be answered, and by whom else the same. */
import type { MadeCertificate, OpensslPki } from './openssl-pki.ts'

export interface ChainCase {
  readonly name: string
  readonly make: (pki: OpensslPki) => {
    readonly chain: readonly MadeCertificate[]
    readonly roots: readonly MadeCertificate[]
    /** Default www.example.com. */
    readonly host?: string
  }
  /** When it is asked, from now on; default now. */
  readonly afterDays?: number
  /** `accepted`, or the alert. */
  readonly answer: string
  /** Why a judge answers the opposite; without a reason it must answer the same. */
  readonly openssl?: string
  readonly gnutls?: string
}

/** A case with a root, perhaps an intermediate authority, and a server's certificate, which differ in their extensions. */
export function linear(
  name: string,
  answer: string,
  layout: {
    readonly root?: readonly string[]
    readonly intermediate?: readonly string[]
    readonly leaf?: readonly string[]
    readonly host?: string
  },
  differences: Pick<ChainCase, 'openssl' | 'gnutls'> = {},
): ChainCase {
  const { root = [], intermediate, leaf = [], host = 'www.example.com' } = layout
  return {
    name,
    answer,
    ...differences,
    make: (pki) => {
      const top = pki.authority('root', { extensions: root })
      const between = intermediate && pki.authority('intermediate', { issuer: top, extensions: intermediate })
      const server = pki.server({ issuer: between ?? top, extensions: leaf })
      return { chain: between ? [server, between] : [server], roots: [top], host }
    },
  }
}
