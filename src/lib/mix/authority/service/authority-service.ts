/**
 * What an authority does all day: a round for each epoch, the directories that came of them, and answers to those who ask.
 * Without sockets and clocks: time, requests and messages come in.
 */
import {
  AivError,
  type CborValue,
  decodeCbor,
  encodeCbor,
  isAivError,
  type RandomSource,
  toHex,
  utf8,
} from '../../../core/index.ts'
import { type Ecvrf, type Pvss, VRF_PROOF_BYTES } from '../../../crypto/index.ts'
import { KEY_BYTES, MAX_NODES } from '../../directory/constants.ts'
import { parseDescriptor } from '../../directory/descriptor-codec.ts'
import { directoryHash, encodeDirectory } from '../../directory/directory-codec.ts'
import { epochAt, type MixDirectory, type SignedDescriptor } from '../../directory/document.ts'
import { openDocument } from '../../directory/document-form.ts'
import type { AuthorityNetwork } from '../network.ts'
import { AuthorityRound, type AuthoritySelf } from '../round.ts'
import { phaseStart } from '../schedule.ts'
import { CBOR_TYPE, DIRECTORIES_KEPT, JSON_TYPE, PATH_PREFIX, POST_MOST } from './constants.ts'

export interface ServiceOptions {
  readonly network: AuthorityNetwork
  readonly self: AuthoritySelf
  readonly pvss: Pvss
  readonly ecvrf: Ecvrf
  readonly random: RandomSource
  /** Hex of the ids of nodes that may take part; everybody unless given. */
  readonly admitted?: ReadonlySet<string> | undefined
  readonly onEvent?: (event: ServiceEvent) => void
}

export type ServiceEvent =
  | { readonly type: 'directory'; readonly directory: MixDirectory }
  /** The epoch began without one; `proposal` names what this authority found right, for comparison with the others. */
  | { readonly type: 'failed'; readonly epoch: number; readonly proposal: Uint8Array | undefined }
  | { readonly type: 'equivocation'; readonly epoch: number; readonly authority: number }

export interface ServiceAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: Uint8Array
}

export class AuthorityService {
  readonly #options: ServiceOptions
  readonly #descriptors = new Map<string, SignedDescriptor>()
  readonly #directories = new Map<number, MixDirectory>()
  readonly #reported = new Set<number>()
  #round: AuthorityRound | undefined
  #present = 0

  constructor(options: ServiceOptions) {
    this.#options = options
  }

  /** Epoch whose directory is being made. */
  get epoch(): number | undefined {
    return this.#round?.epoch
  }

  /** Does what is due. @param nowS unix seconds */
  tick(nowS: number): void {
    this.#present = epochAt(nowS, this.#options.network.epochLengthS)
    if (this.#round?.epoch !== this.#present + 1) this.#startRound(nowS)
    const round = this.#round as AuthorityRound
    round.advance(nowS)
    for (const authority of round.equivocators)
      if (!this.#reported.has(authority)) {
        this.#reported.add(authority)
        this.#options.onEvent?.({ type: 'equivocation', epoch: round.epoch, authority })
      }
    this.#keepDirectory(round)
  }

  /** Messages of another authority, as it answered `messagesPath`. */
  receive(epoch: number, answer: Uint8Array): void {
    const round = this.#round
    if (round?.epoch !== epoch) return
    for (const message of messageList(answer)) round.receive(message)
    this.#keepDirectory(round)
  }

  /** @param path with the prefix, without a query */
  answer(method: string, path: string, body: Uint8Array): ServiceAnswer {
    const [kind = '', name = '', ...rest] = path.startsWith(`${PATH_PREFIX}/`)
      ? path.slice(PATH_PREFIX.length + 1).split('/')
      : []
    if (rest.length > 0) return refusal(404, 'not found')
    try {
      if (method === 'POST') return this.#post(kind, body)
      if (method === 'GET') return this.#get(kind, name)
      return refusal(405, 'use GET or POST')
    } catch (error) {
      // Whoever posts nonsense learns why; what is not about the input is a defect and must not hide.
      if (error instanceof AivError && isAboutInput(error)) return refusal(400, error.message)
      throw error
    }
  }

  #startRound(nowS: number): void {
    const { network, self, admitted: _, onEvent: __, ...tools } = this.#options
    const epoch = this.#present + 1
    const before = this.#round
    before?.end()
    if (before !== undefined && !this.#directories.has(before.epoch))
      this.#options.onEvent?.({
        type: 'failed',
        epoch: before.epoch,
        proposal: before.proposal && directoryHash(before.proposal),
      })
    // After a restart in the middle of a round it might have voted already; a second vote would be held against it.
    const isLate = nowS >= phaseStart('vote', epoch, network.epochLengthS)
    this.#round = new AuthorityRound({ ...tools, network, epoch, ...(isLate ? {} : { self }) })
    this.#reported.clear()
    for (const [id, descriptor] of this.#descriptors)
      if (this.#round.offerDescriptor(descriptor).length > 0 && descriptor.validUntil <= nowS)
        this.#descriptors.delete(id)
  }

  #keepDirectory(round: AuthorityRound): void {
    if (this.#directories.has(round.epoch)) return
    const directory = round.directory()
    if (directory === undefined) return
    this.#directories.set(round.epoch, directory)
    for (const epoch of this.#directories.keys())
      if (epoch <= round.epoch - DIRECTORIES_KEPT) this.#directories.delete(epoch)
    this.#options.onEvent?.({ type: 'directory', directory })
  }

  #get(kind: string, name: string): ServiceAnswer {
    const epoch = name === 'current' ? this.#present : name === 'next' ? this.#present + 1 : Number(name)
    if (kind === 'directory') {
      const directory = this.#directories.get(epoch)
      return directory === undefined ? refusal(404, 'no directory') : cbor(encodeDirectory(directory))
    }
    if (this.#round === undefined || epoch !== this.#round.epoch) return refusal(404, 'not found')
    if (kind === 'messages') return cbor(encodeCbor(this.#round.messages() as CborValue))
    const sharedRandom = this.#round.sharedRandom()
    if (kind !== 'random' || sharedRandom === undefined) return refusal(404, 'not found')
    return cbor(encodeCbor({ epoch, shared_random: sharedRandom }))
  }

  #post(kind: string, body: Uint8Array): ServiceAnswer {
    if (kind === 'descriptor') return this.#takeDescriptor(parseDescriptor(body))
    if (kind !== 'proof') return refusal(404, 'not found')
    const reader = openDocument(body, 'the proof', { maxBytes: POST_MOST, maxItems: 16 })
    const epoch = reader.integer('epoch', 0, Number.MAX_SAFE_INTEGER)
    const proof = { id: reader.bytes('id', KEY_BYTES), proof: reader.bytes('proof', VRF_PROOF_BYTES) }
    reader.finish()
    const isTaken = this.#round?.epoch === epoch && this.#round.offerProof(proof)
    return isTaken ? ACCEPTED : refusal(409, 'the proof does not hold, or it is not the time for it')
  }

  #takeDescriptor(descriptor: SignedDescriptor): ServiceAnswer {
    const id = toHex(descriptor.id)
    const { admitted } = this.#options
    if (admitted !== undefined && !admitted.has(id)) return refusal(403, 'this node is not admitted')
    const problems = this.#round?.offerDescriptor(descriptor) ?? ['the authority is not ready']
    if (problems.length > 0) return refusal(409, problems.join('; '))
    const known = this.#descriptors.get(id)
    if (known === undefined && this.#descriptors.size >= MAX_NODES) return refusal(409, 'the network is full')
    if (known === undefined || known.validFrom < descriptor.validFrom) this.#descriptors.set(id, descriptor)
    return ACCEPTED
  }
}

const ACCEPTED: ServiceAnswer = { status: 200, contentType: JSON_TYPE, body: utf8('{"accepted":true}\n') }

function cbor(body: Uint8Array): ServiceAnswer {
  return { status: 200, contentType: CBOR_TYPE, body }
}

function refusal(status: number, error: string): ServiceAnswer {
  return { status, contentType: JSON_TYPE, body: utf8(`${JSON.stringify({ error })}\n`) }
}

function isAboutInput(error: AivError): boolean {
  return isAivError(error, 'E_MALFORMED') || isAivError(error, 'E_TOO_LARGE')
}

/** Byte strings of a list; nothing of what is none. */
function messageList(answer: Uint8Array): readonly Uint8Array[] {
  try {
    const list = decodeCbor(answer, { depth: 1, items: 1024 })
    return Array.isArray(list) ? list.filter((item) => item instanceof Uint8Array) : []
  } catch (error) {
    if (error instanceof AivError) return []
    throw error
  }
}
