/** A node as `aiv mix run` runs it: from its flags, until it is interrupted. */
import { join } from 'node:path'
import { AivError, systemClock, toHex, utf8 } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { type EndpointIdentityOptions, serveMetrics } from '../../htx/index.ts'
import {
  eraseIdentity,
  type Identity,
  loadIdentity,
  renewIdentityFile,
  replaceFileAtomically,
} from '../../identity/index.ts'
import {
  type DelayMode,
  descriptorJson,
  type MixRole,
  nodeIdOf,
  type SignedDescriptor,
} from '../../mix/index.ts'
import type { Mailboxes, NodeEvent, RunningNode } from '../../mix/run/index.ts'
import { type KemPrf, makeGeometry, type PacketFormat } from '../../sphinx/index.ts'
import { openStore, type Store } from '../../storage/index.ts'
import type { HostPort } from '../flags.ts'
import { defaultKeyFile, passphraseOf, refuseKeyAsArgument } from '../key/key-files.ts'
import type { Fields } from '../output.ts'
import { stateFolders } from '../state-folders.ts'
import { epochLengthOf } from './directory/descriptor.ts'
import type { TrustFlags } from './directory/trust.ts'
import { watchDirectory } from './directory/watch.ts'

export interface RunFlags extends TrustFlags {
  readonly listen: readonly string[]
  readonly advertise?: readonly string[] | undefined
  readonly key?: string | undefined
  readonly 'passphrase-file'?: string | undefined
  readonly state?: string | undefined
  readonly directory: string
  readonly descriptor?: string | undefined
  readonly role: MixRole
  readonly weight: number
  readonly family?: string | undefined
  readonly as?: number | undefined
  readonly country?: string | undefined
  readonly delay: DelayMode
  /** Milliseconds. */
  readonly 'delay-mean': number
  readonly workers: number
  readonly 'replay-memory'?: number | undefined
  readonly 'peer-rate'?: number | undefined
  readonly 'epoch-length'?: number | undefined
  readonly format: PacketFormat
  readonly prf: KemPrf
  readonly hops?: number | undefined
  readonly 'packet-bytes'?: number | undefined
  readonly metrics?: HostPort | undefined
}

export interface RunContext {
  readonly signal: AbortSignal
  readonly event: (name: string, fields?: Fields, text?: string) => void
}

/** Runs until the signal; then everything is accounted for and the last event says how. */
export async function runNode(flags: RunFlags, { signal, event }: RunContext): Promise<void> {
  const { MetricsPage, Mailboxes, MAILBOX_SCHEMA, Provider, RunningNode } = await import(
    '../../mix/run/index.ts'
  )
  const geometry = makeGeometry({
    format: flags.format,
    prf: flags.prf,
    hops: flags.hops,
    packetBytes: flags['packet-bytes'],
  })
  const { identity, endpointIdentity } = await openNodeIdentity(flags, signal)
  const id = nodeIdOf(identity.sign.publicKey)
  const state = flags.state ?? join(stateFolders().data, 'mix', toHex(id.subarray(0, 8)))
  let store: Store | undefined
  let node: RunningNode | undefined
  let stopExpiring = (): void => {}
  const publish = async (descriptor: SignedDescriptor): Promise<void> => {
    if (flags.descriptor === undefined) return
    await replaceFileAtomically(flags.descriptor, utf8(`${descriptorJson(descriptor)}\n`))
  }
  const publishNext = async (descriptor: SignedDescriptor): Promise<void> => {
    await publish(descriptor)
    event('descriptor', { file: flags.descriptor, valid_until: descriptor.validUntil })
  }
  const onEvent = (happened: NodeEvent): void => {
    if (happened.kind === 'descriptor')
      void publishNext(happened.descriptor).catch((error: unknown) =>
        event('failed', { reason: reasonOf(error) }),
      )
    else event(happened.kind, fieldsOf(happened))
  }
  try {
    if (flags.role !== 'mix')
      store = await openStore({ path: join(state, 'mailboxes.sqlite'), schema: MAILBOX_SCHEMA })
    const mailboxes = store === undefined ? undefined : await Mailboxes.open(store, systemClock)
    if (mailboxes !== undefined) stopExpiring = expireAgain(mailboxes, event)
    node = await RunningNode.start({
      identity,
      endpointIdentity,
      listen: flags.listen,
      advertise: flags.advertise,
      role: flags.role,
      weight: flags.weight,
      family: flags.family,
      as: flags.as,
      country: flags.country,
      geometry,
      workers: flags.workers,
      keyFolder: join(state, 'keys'),
      delay: { mode: flags.delay, meanUs: Math.round(flags['delay-mean'] * 1_000) },
      delayFolder: join(state, 'delays'),
      epochLengthS: epochLengthOf(flags),
      filter: { bytes: flags['replay-memory'] },
      ratePerPeer: flags['peer-rate'],
      provider: mailboxes === undefined ? undefined : (own) => new Provider(own, geometry, mailboxes),
      clock: systemClock,
      random: systemRandom,
      onEvent,
    })
    const running = node
    await publish(running.descriptor())
    const page = new MetricsPage(systemClock, () => running.counts)
    const { metrics } = flags
    const server =
      metrics === undefined ? undefined : await serveMetrics(metrics.host, metrics.port, () => page.text())
    reportReady(running, flags, server?.url, event)
    const stopWatching = watchDirectory(flags.directory, flags, running, event)
    await interrupted(signal)
    stopWatching()
    await server?.close()
  } finally {
    stopExpiring()
    await node?.stop()
    await store?.close()
    eraseIdentity(identity)
    if (node !== undefined) event('stopped', { ...node.counts })
  }
}

const EXPIRE_MS = 60 * 60_000

/** Bodies that nobody asked for go now and every hour. @returns ends it */
function expireAgain(mailboxes: Pick<Mailboxes, 'expire'>, event: RunContext['event']): () => void {
  let cancel = (): void => {}
  const again = (): void => {
    mailboxes.expire().catch((error: unknown) => event('failed', { reason: reasonOf(error) }))
    cancel = systemClock.schedule(EXPIRE_MS, again)
  }
  again()
  return () => cancel()
}

function reportReady(
  node: RunningNode,
  { workers, role, descriptor }: RunFlags,
  metrics: string | undefined,
  event: RunContext['event'],
): void {
  const { bytes, tags, packetsPerSecond } = node.replayCapacity
  const replay = { bytes, tags, packets_per_second: Math.floor(packetsPerSecond) }
  const fields = { id: node.id, addresses: node.addresses, role, workers, replay, descriptor, metrics }
  event(
    'ready',
    fields,
    `ready: node ${toHex(node.id)} listens on ${node.addresses.join(', ')}; its replay filter takes ${replay.tags} packets an epoch, ${replay.packets_per_second} a second`,
  )
}

function fieldsOf(happened: Exclude<NodeEvent, { kind: 'descriptor' }>): Fields {
  switch (happened.kind) {
    case 'key-lost':
      return { epoch: happened.lost.epoch, reason: happened.lost.why }
    case 'revealed':
      return { file: happened.file }
    case 'clock-jump':
      return { ms: Math.round(happened.ms) }
    case 'worker-died':
      return { worker: happened.worker }
    case 'link-failed':
      return { address: happened.address, reason: reasonOf(happened.error) }
    case 'failed':
      return { reason: reasonOf(happened.error) }
  }
}

async function openNodeIdentity(
  flags: RunFlags,
  signal: AbortSignal,
): Promise<{ readonly identity: Identity; readonly endpointIdentity: EndpointIdentityOptions }> {
  refuseKeyAsArgument(flags.key)
  const path = flags.key ?? defaultKeyFile()
  const passphrase = await passphraseOf(path, flags, signal)
  const identity = await loadIdentity(path, { passphrase })
  const renew = (current: Identity): Promise<Identity> =>
    renewIdentityFile(path, current, { passphrase, clock: systemClock })
  return { identity, endpointIdentity: { identity, renew } }
}

function interrupted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function reasonOf(error: unknown): string {
  return error instanceof AivError || error instanceof Error ? error.message : String(error)
}
