/**
 * One round of shared randomness among the authorities of a directory: everybody deals a secret that the others can open
 * (publicly verifiable secret sharing), the dealings that count are fixed, and only then secrets are revealed. Who does not
 * reveal is opened by the others, so that nobody has a say in the result once it can be computed: withholding, the weakness
 * of plain commit and reveal, changes nothing.
 *
 * Messages are the caller's to authenticate, and which dealings count is the caller's to agree on.
 * @see I. Cascudo and B. David, "SCRAPE: Scalable Randomness Attested by Public Entities" (ACNS 2017), for the design
 */
import { AivError, concat, type RandomSource, toHex, u32, u64, utf8 } from '../../core/index.ts'
import { type Dealing, erase, type OpenedShare, type Pvss, sha256 } from '../../crypto/index.ts'

export interface RandomRoundOptions {
  readonly epoch: number
  /** Sharing keys of all authorities, in the order of the network's configuration. */
  readonly publicKeys: readonly Uint8Array[]
  /** Authorities that open a secret together: more than are dishonest, and at most as many as are honest. */
  readonly threshold: number
  /** Own place and key; an observer has none. */
  readonly self?: { readonly index: number; readonly secretKey: Uint8Array }
}

interface FixedDealing {
  readonly dealer: number
  readonly dealing: Dealing
  readonly shares: Map<number, OpenedShare>
  value: Uint8Array | undefined
}

export class RandomRound {
  readonly #pvss: Pvss
  readonly #random: RandomSource
  readonly #options: RandomRoundOptions
  readonly #dealings = new Map<string, { readonly dealer: number; readonly dealing: Dealing }>()
  #ownSecret: Uint8Array | undefined
  #fixed: readonly FixedDealing[] | undefined

  constructor(pvss: Pvss, random: RandomSource, options: RandomRoundOptions) {
    this.#pvss = pvss
    this.#random = random
    this.#options = options
  }

  /** The own dealing, for everybody; it is the same when it is asked for again only in what the caller kept of it. */
  deal(): Dealing {
    const { self, publicKeys, threshold } = this.#options
    if (self === undefined) throw new AivError('E_USAGE', 'an observer has nothing to deal')
    if (this.#ownSecret !== undefined)
      throw new AivError('E_USAGE', 'a round has one dealing of each authority')
    const { dealing, secret } = this.#pvss.deal(
      publicKeys,
      threshold,
      this.#contextOf(self.index),
      this.#random,
    )
    this.#ownSecret = secret
    this.addDealing(self.index, dealing)
    return dealing
  }

  /**
   * @param dealer place of the authority that sent it
   * @returns the name by which dealings are agreed on; undefined when it could not be opened by the others
   */
  addDealing(dealer: number, dealing: Dealing): string | undefined {
    const { publicKeys, threshold } = this.#options
    if (this.#fixed !== undefined || publicKeys[dealer] === undefined) return undefined
    if (!this.#pvss.verifyDealing(dealing, publicKeys, threshold, this.#contextOf(dealer))) return undefined
    const name = toHex(nameOf(dealer, dealing))
    this.#dealings.set(name, { dealer, dealing })
    return name
  }

  /**
   * The dealings that count, at most one of each authority. From here on no other can be added.
   * @throws AivError `E_INPUT` when one is not known, or two are of one dealer: then the agreement was not on what was sent
   */
  fix(names: readonly string[]): void {
    const fixed = [...new Set(names)].map((name): FixedDealing => {
      const known = this.#dealings.get(name)
      if (known === undefined) throw new AivError('E_INPUT', 'a dealing was agreed on that did not arrive')
      return { ...known, shares: new Map(), value: undefined }
    })
    if (new Set(fixed.map(({ dealer }) => dealer)).size < fixed.length)
      throw new AivError('E_INPUT', 'two dealings of one authority were agreed on')
    this.#fixed = fixed.sort((a, b) => a.dealer - b.dealer)
  }

  /** The own secret, once the dealings are fixed and the own one is among them. */
  reveal(): Uint8Array | undefined {
    const { self } = this.#options
    if (self === undefined || this.#fixedOf(self.index) === undefined) return undefined
    return this.#ownSecret?.slice()
  }

  /** @returns whether the secret is the one that was dealt */
  addSecret(dealer: number, secret: Uint8Array): boolean {
    const fixed = this.#fixedOf(dealer)
    const value = fixed && this.#pvss.openBySecret(fixed.dealing, secret)
    if (fixed === undefined || value === undefined) return false
    fixed.value = value
    return true
  }

  /** Authorities whose dealings count and whose secrets are still unknown. */
  missing(): readonly number[] {
    return (this.#fixed ?? []).filter(({ value }) => value === undefined).map(({ dealer }) => dealer)
  }

  /** The own share of a secret that its dealer does not reveal. */
  openShareOf(dealer: number): OpenedShare | undefined {
    const { self } = this.#options
    const fixed = this.#fixedOf(dealer)
    if (self === undefined || fixed === undefined) return undefined
    const opened = this.#pvss.openShare(
      fixed.dealing,
      self.index,
      self.secretKey,
      this.#contextOf(dealer),
      this.#random,
    )
    this.addShare(dealer, opened)
    return opened
  }

  /** @returns whether the share is the holder's, as its own proof shows */
  addShare(dealer: number, opened: OpenedShare): boolean {
    const fixed = this.#fixedOf(dealer)
    const publicKey = this.#options.publicKeys[opened.index]
    if (fixed === undefined || publicKey === undefined) return false
    if (!this.#pvss.verifyShare(fixed.dealing, opened, publicKey, this.#contextOf(dealer))) return false
    fixed.shares.set(opened.index, opened)
    fixed.value ??= this.#pvss.openByShares(fixed.dealing, [...fixed.shares.values()])
    return true
  }

  /** 32 bytes, the same for everybody; undefined while a secret is missing or nothing was dealt. */
  result(): Uint8Array | undefined {
    const fixed = this.#fixed ?? []
    if (fixed.length === 0 || this.missing().length > 0) return undefined
    const values = fixed.map(({ dealer, value }) => concat(u32(dealer), value ?? new Uint8Array()))
    return sha256(RESULT_DOMAIN, u64(this.#options.epoch), ...values)
  }

  /** Lets go of the own secret. */
  end(): void {
    if (this.#ownSecret !== undefined) erase(this.#ownSecret)
  }

  #fixedOf(dealer: number): FixedDealing | undefined {
    return this.#fixed?.find((fixed) => fixed.dealer === dealer)
  }

  /** Binds a dealing to its dealer and to the round: it is of no use to others and at other times. */
  #contextOf(dealer: number): Uint8Array {
    const { epoch, publicKeys, threshold } = this.#options
    return sha256(CONTEXT_DOMAIN, u64(epoch), u32(dealer), u32(threshold), ...publicKeys)
  }
}

const CONTEXT_DOMAIN = utf8('aiv-mix-shared-random-v1')
const RESULT_DOMAIN = utf8('aiv-mix-shared-random-result-v1')

function nameOf(dealer: number, { commitments, shares, challenge, responses }: Dealing): Uint8Array {
  const parts = [...commitments, ...shares, challenge, ...responses]
  return sha256(u32(dealer), u32(commitments.length), u32(shares.length), ...parts)
}
