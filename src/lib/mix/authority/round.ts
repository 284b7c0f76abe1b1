/**
 * One authority in the making of one epoch's directory: votes, acknowledgements, shared randomness, proofs, signatures. A state
 * machine without sockets or clocks: messages and time go in, messages come out.
 *
 * Every authority passes on all messages it has, so that what one honest authority has in time the others have too. What
 * arrives too late to be the same for all can keep a directory from being made; it never makes two of them valid, as long
 * as the threshold is more than (n + f) / 2 with f dishonest authorities of n.
 */
import { AivError, equal, type RandomSource, toHex } from '../../core/index.ts'
import { type Ecvrf, type Ed25519KeyPair, ed25519, type Pvss, sha256 } from '../../crypto/index.ts'
import { MAX_NODES } from '../directory/constants.ts'
import { type DirectoryStatement, directoryMessage } from '../directory/directory-codec.ts'
import type { DirectorySignature, MixDirectory, SignedDescriptor } from '../directory/document.ts'
import { checkedDirectory, descriptorChecker } from '../directory/verify.ts'
import { RandomRound } from '../shared-random/index.ts'
import { verifyTopologyProof } from '../topology/active-set.ts'
import { consensusOf } from './consensus.ts'
import { countedVotes, electedDescriptors, supportedProofs } from './count.ts'
import { Ledger, type MessageOf } from './ledger.ts'
import {
  type AuthorityMessage,
  type AuthorityStatement,
  type NodeProof,
  openMessage,
  signMessage,
} from './message.ts'
import { type AuthorityNetwork, networkHash } from './network.ts'
import { isBefore, PHASES, type Phase, phaseStart } from './schedule.ts'

export interface AuthoritySelf {
  /** Place in the network. */
  readonly index: number
  readonly identity: Ed25519KeyPair
  /** Secret of the sharing key. */
  readonly sharingSecret: Uint8Array
}

export interface RoundOptions {
  readonly epoch: number
  readonly network: AuthorityNetwork
  /** Without it the round is only watched. */
  readonly self?: AuthoritySelf | undefined
  readonly pvss: Pvss
  readonly ecvrf: Ecvrf
  readonly random: RandomSource
}

export class AuthorityRound {
  readonly #options: RoundOptions
  readonly #keys: readonly Uint8Array[]
  readonly #rules: Uint8Array
  readonly #served: Pick<MixDirectory, 'epoch' | 'validFrom' | 'validUntil'>
  readonly #check: (node: SignedDescriptor) => readonly string[]
  readonly #ledger = new Ledger()
  /** Hashes of what was taken. */
  readonly #seen = new Set<string>()
  /** Names of dealings by the hash of their vote: a dealing is slow to check, and is checked once. */
  readonly #dealings = new Map<string, string>()
  readonly #randomness: RandomRound
  /** Offered by nodes, by id. */
  readonly #descriptors = new Map<string, SignedDescriptor>()
  readonly #proofs = new Map<string, NodeProof>()
  #phase: Phase = 'collect'
  #elected: readonly SignedDescriptor[] | undefined
  #statement: DirectoryStatement | undefined

  constructor(options: RoundOptions) {
    const { epoch, network, self, pvss, random } = options
    this.#options = options
    this.#keys = network.authorities.map(({ identityKey }) => identityKey)
    if (self !== undefined && !equal(self.identity.publicKey, this.#keys[self.index] ?? new Uint8Array()))
      throw new AivError('E_USAGE', 'this identity is not the authority that it should be')
    this.#rules = networkHash(network)
    const [validFrom, validUntil] = [epoch * network.epochLengthS, (epoch + 1) * network.epochLengthS]
    this.#served = { epoch, validFrom, validUntil }
    this.#check = descriptorChecker(this.#served)
    this.#randomness = new RandomRound(pvss, random, {
      epoch,
      publicKeys: network.authorities.map(({ sharingKey }) => sharingKey),
      // More than are dishonest, and no more than are honest, while less than half are dishonest.
      threshold: Math.floor(network.authorities.length / 2) + 1,
      ...(self === undefined ? {} : { self: { index: self.index, secretKey: self.sharingSecret } }),
    })
  }

  get epoch(): number {
    return this.#options.epoch
  }

  get phase(): Phase {
    return this.#phase
  }

  /** Authorities that were caught telling different things to different people. */
  get equivocators(): readonly number[] {
    return this.#ledger.equivocators()
  }

  /**
   * A node offers its descriptor; a newer one takes the place of an older one.
   * @returns what is wrong with it; empty when it was taken
   */
  offerDescriptor(descriptor: SignedDescriptor): readonly string[] {
    if (this.#phase !== 'collect') return ['descriptors of this epoch are no longer collected']
    const problems = this.#check(descriptor)
    if (problems.length > 0) return problems
    const id = toHex(descriptor.id)
    const known = this.#descriptors.get(id)
    if (known === undefined && this.#descriptors.size >= MAX_NODES) return ['the network is full']
    if (known !== undefined && known.validFrom >= descriptor.validFrom) return []
    this.#descriptors.set(id, descriptor)
    return []
  }

  /** A node shows its proof for the topology, once the random value is known. @returns whether it holds and is in time */
  offerProof({ id, proof }: NodeProof): boolean {
    const sharedRandom = this.sharedRandom()
    if (sharedRandom === undefined || !isBefore(this.#phase, 'proofs')) return false
    const node = this.#elected?.find((descriptor) => equal(descriptor.id, id))
    if (node === undefined) return false
    const holds = verifyTopologyProof(this.#options.ecvrf, { epoch: this.epoch, sharedRandom }, node, proof)
    if (holds) this.#proofs.set(toHex(id), { id, proof })
    return holds
  }

  /**
   * A message of an authority, from it or passed on.
   * @returns whether it is new: then it is to be passed on
   */
  receive(bytes: Uint8Array): boolean {
    // First of all: others pass on what is known, and proofs of dealings are slow to check.
    const name = toHex(sha256(bytes))
    if (this.#seen.has(name)) return false
    const message = openMessage(bytes, this.#keys)
    if (message === undefined || message.epoch !== this.epoch) return false
    const isTaken = this.#take(message)
    if (isTaken) this.#seen.add(name)
    return isTaken
  }

  /** All messages, for the others. */
  messages(): readonly Uint8Array[] {
    return this.#ledger.bytes()
  }

  /** Does what is due; a machine that slept does nothing late, because the others would see other things. */
  advance(nowS: number): void {
    for (const phase of PHASES) {
      if (!isBefore(this.#phase, phase)) continue
      const start = phaseStart(phase, this.epoch, this.#options.network.epochLengthS)
      if (nowS < start) return
      this.#phase = phase
      const next = PHASES[PHASES.indexOf(phase) + 1]
      const end =
        next === undefined
          ? this.#served.validFrom
          : phaseStart(next, this.epoch, this.#options.network.epochLengthS)
      if (nowS < end) this.#begin(phase)
    }
  }

  /** R_e, 32 bytes, once everything that was dealt is open. */
  sharedRandom(): Uint8Array | undefined {
    return this.#elected === undefined ? undefined : this.#randomness.result()
  }

  /** What this authority finds right and has signed, whether or not enough others find the same. */
  get proposal(): DirectoryStatement | undefined {
    return this.#statement
  }

  /** The directory, once enough authorities have signed what this one finds right. */
  directory(): MixDirectory | undefined {
    const statement = this.#statement
    if (statement === undefined) return undefined
    const signed = directoryMessage(statement)
    // One of each: an authority may send two messages, and counts once.
    const byAuthority = new Map<number, DirectorySignature>()
    for (const { authority: place, statement: said } of this.#ledger.every('sign')) {
      const authority = this.#keys[place] as Uint8Array
      if (ed25519.verify(authority, signed, said.signature))
        byAuthority.set(place, { authority, signature: said.signature })
    }
    const signatures = [...byAuthority.values()]
    if (signatures.length < this.#options.network.threshold) return undefined
    return checkedDirectory({ ...statement, signatures })
  }

  /** Lets go of the secret of the round. */
  end(): void {
    this.#randomness.end()
  }

  #take(message: AuthorityMessage): boolean {
    const { statement } = message
    if (!this.#isInTime(statement.type)) return false
    if (statement.type === 'vote' && !this.#isVote(message as MessageOf<'vote'>)) return false
    if (!this.#ledger.add(message)) return false
    this.#open(message)
    return true
  }

  /** Secrets and shares are of use from the moment that the dealings are fixed. */
  #open({ authority, statement }: AuthorityMessage): void {
    if (statement.type === 'reveal') this.#randomness.addSecret(authority, statement.secret)
    if (statement.type === 'shares')
      for (const { dealer, opened } of statement.shares)
        if (opened.index === authority) this.#randomness.addShare(dealer, opened)
  }

  /** Votes and acknowledgements close when the dealings are fixed, proofs when the directory is. */
  #isInTime(type: AuthorityStatement['type']): boolean {
    if (type === 'vote' || type === 'ack') return isBefore(this.#phase, 'reveal')
    return type === 'sign' || isBefore(this.#phase, 'sign')
  }

  #isVote({ statement, authority, hash }: MessageOf<'vote'>): boolean {
    if (!equal(statement.rules, this.#rules)) return false
    if (statement.descriptors.some((descriptor) => this.#check(descriptor).length > 0)) return false
    const dealing = this.#randomness.addDealing(authority, statement.dealing)
    if (dealing !== undefined) this.#dealings.set(toHex(hash), dealing)
    return dealing !== undefined
  }

  #begin(phase: Phase): void {
    const { self } = this.#options
    if (phase === 'reveal') this.#fix()
    const statement = self === undefined ? undefined : this.#statementOf(phase)
    if (phase === 'sign') this.#statement = this.#consensus()
    if (self === undefined) return
    const own = phase === 'sign' ? this.#signature(self) : statement
    if (own !== undefined) this.#take(signMessage(this.epoch, self.index, own, self.identity))
  }

  #statementOf(phase: Phase): AuthorityStatement | undefined {
    switch (phase) {
      case 'vote':
        return {
          type: 'vote',
          rules: this.#rules,
          descriptors: [...this.#descriptors.values()],
          dealing: this.#randomness.deal(),
        }
      case 'ack':
        return {
          type: 'ack',
          votes: this.#ledger.single('vote').map(({ authority, hash }) => ({ authority, hash })),
        }
      case 'reveal': {
        const secret = this.#randomness.reveal()
        return secret === undefined ? undefined : { type: 'reveal', secret }
      }
      case 'shares':
        return {
          type: 'shares',
          shares: this.#randomness.missing().flatMap((dealer) => {
            const opened = this.#randomness.openShareOf(dealer)
            return opened === undefined ? [] : [{ dealer, opened }]
          }),
        }
      case 'proofs':
        return { type: 'proofs', proofs: [...this.#proofs.values()] }
      default:
        return undefined
    }
  }

  /** From here on the votes that count, and with them all randomness, are settled. */
  #fix(): void {
    const { threshold } = this.#options.network
    const { counted, isComplete } = countedVotes(
      this.#ledger.every('vote'),
      this.#ledger.single('ack'),
      threshold,
    )
    // Without a vote that counts elsewhere, or with too few, this authority cannot find what the others find.
    if (!isComplete || counted.length < threshold) return
    this.#randomness.fix(counted.map(({ hash }) => this.#dealings.get(toHex(hash)) as string))
    this.#elected = electedDescriptors(counted)
    // Those whose clocks are a little ahead have spoken already.
    for (const message of [...this.#ledger.every('reveal'), ...this.#ledger.every('shares')])
      this.#open(message)
  }

  #consensus(): DirectoryStatement | undefined {
    const sharedRandom = this.sharedRandom()
    if (sharedRandom === undefined || this.#elected === undefined) return undefined
    const { network, ecvrf } = this.#options
    const { authorities, threshold } = network
    // At least one honest authority has had the proof in time.
    const proofs = supportedProofs(this.#ledger.single('proofs'), authorities.length - threshold + 1)
    return consensusOf(ecvrf, network, { ...this.#served, sharedRandom }, this.#elected, proofs)
  }

  #signature(self: AuthoritySelf): AuthorityStatement | undefined {
    if (this.#statement === undefined) return undefined
    return { type: 'sign', signature: self.identity.sign(directoryMessage(this.#statement)) }
  }
}
