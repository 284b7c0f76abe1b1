/** Fetches a file from a listener that gives files (section 12.2, get). */
import { join } from 'node:path'
import { AivError, isAivError, systemClock } from '../../../core/index.ts'
import { createSha256, type IncrementalHash } from '../../../crypto/index.ts'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import type { ByteReader } from '../byte-reader.ts'
import { openService } from '../open-service.ts'
import { FILE_SERVICE } from './constants.ts'
import { Directory } from './disk/directory.ts'
import { hashPrefix } from './disk/file-reader.ts'
import { Landing } from './disk/landing.ts'
import { nameSegments, partName } from './disk/names.ts'
import type { Overwrite, PartFile } from './disk/part-file.ts'
import { type Claimant, claimFree, isClaimed } from './disk/transfer-claims.ts'
import { confirmTarget, type Reception, receivePart } from './reception.ts'
import type { ReceivedFile, TransferOptions } from './types.ts'
import { type FileOffer, getParams, parseOffer, parseRestart } from './wire/items.ts'
import { readItem } from './wire/receive-file.ts'
import { StallGuard } from './wire/stall-guard.ts'
import { abortable, endWithStatus, untilClosed } from './wire/stream-end.ts'

export interface GetOptions extends TransferOptions {
  /** Its name below the directory here, levels separated by `/`; default: the last segment of its remote name. */
  readonly name?: string | undefined
  /** What becomes of a file of the same name and other content; default `never`. */
  readonly overwrite?: Overwrite | undefined
  /** Larger files are not taken; default: no bound but the disk. */
  readonly maxFileBytes?: number | undefined
}

/** A file that has been fetched. */
export interface FetchedFile extends ReceivedFile {
  /** Where it lies. */
  readonly path: string
}

/** What is held of the file before it is asked for. */
type Held =
  | { readonly kind: 'nothing' }
  | {
      readonly kind: 'part'
      readonly offset: number
      readonly hash: IncrementalHash
      readonly part: PartFile
    }
  | { readonly kind: 'target'; readonly offset: number; readonly hash: IncrementalHash }

/** Our own downloads are never taken over: no peer has an empty id. */
const OURSELVES: Claimant = { session: {}, peer: '', giveUp: () => {} }

/**
 * Fetches one file; what an earlier attempt left of it here does not travel again.
 * @param remoteName levels separated by `/`
 * @param into directory here; it must exist, directories that `name` asks for below it are made
 * @throws AivError `E_SERVICE_REFUSED` with the peer's reason; `E_FILE_PATH` for a name that is not allowed or leads
 * through a symbolic link; `E_FILE_EXISTS`; `E_FILE_MISMATCH` when what came does not have the hash that was sent;
 * `E_IO`, `E_PERMISSION`; `E_TOO_LARGE`; `E_ABORTED`, `E_TIMEOUT`; `E_LINK_LOST` and what else ends a session: then the
 * same call on a new one goes on
 */
export async function getFile(
  session: HtxSession,
  remoteName: string,
  into: string,
  options: GetOptions = {},
): Promise<FetchedFile> {
  const name = options.name ?? (nameSegments(remoteName).at(-1) as string)
  const resources = new AsyncDisposableStack()
  try {
    const root = await Directory.openRoot(into)
    resources.defer(() => root.close())
    const landing = await Landing.find(root, name)
    resources.defer(() => landing.close())
    claimHere(landing, landing.fileName, resources)
    const held = await findHeld(landing, options, resources)
    const fetch: Fetch = { session, remoteName, landing, options, resources }
    const file = (await fetchOnce(fetch, held)) ?? (await fetchOnce(fetch, { kind: 'nothing' }))
    if (file === undefined) throw new AivError('E_INTERNAL', 'nothing was held and yet it was in the way')
    return { ...file, path: join(into, ...name.split('/')) }
  } finally {
    await resources.disposeAsync()
  }
}

interface Fetch {
  readonly session: HtxSession
  readonly remoteName: string
  readonly landing: Landing
  readonly options: GetOptions
  readonly resources: AsyncDisposableStack
}

/**
 * A file of that name counts as held: if it is the one, nothing needs to travel. Where it may be replaced, what an
 * interrupted transfer left comes first.
 */
async function findHeld(
  landing: Landing,
  { overwrite, signal }: GetOptions,
  resources: AsyncDisposableStack,
): Promise<Held> {
  const target = await landing.openTarget()
  try {
    if (target === undefined || overwrite === 'always') {
      const part = await landing.newestPart((name) => !isClaimed(landing.partKey(name)))
      if (part !== undefined) {
        resources.defer(() => part.keep())
        claimHere(landing, part.name, resources)
        return { kind: 'part', offset: part.size, hash: await part.hash(signal), part }
      }
    }
    if (target === undefined) return { kind: 'nothing' }
    const { size } = await target.stat()
    return { kind: 'target', offset: size, hash: await hashPrefix(target, size, signal) }
  } finally {
    await target?.close()
  }
}

/** One request; undefined when the file here is the beginning of the one there and nothing can be done in its place. */
async function fetchOnce(fetch: Fetch, held: Held): Promise<ReceivedFile | undefined> {
  const { session, remoteName, options } = fetch
  const { signal, weight, clock = systemClock } = options
  const offset = held.kind === 'nothing' ? 0 : held.offset
  const hash = held.kind === 'nothing' ? createSha256() : held.hash.copy()
  const params = getParams(remoteName, { offset, prefix: hash.digest() })
  const { stream, reader } = await openService(session, FILE_SERVICE, params, {
    ...(signal && { signal }),
    ...(weight !== undefined && { weight }),
  })
  const guard = new StallGuard(stream, clock, offset)
  return await abortable(stream, signal, async () => {
    try {
      const file = await receive(fetch, held, reader, () => guard.moved())
      if (file === undefined) stream.abort(CODE.CANCELLED)
      else endWithStatus(stream)
      await untilClosed(stream, clock)
      return file
    } catch (error) {
      if (!stream.destroyed && isAivError(error)) {
        endWithStatus(stream, error.message)
        await untilClosed(stream, clock)
      } else stream.abort(CODE.INTERNAL_ERROR)
      throw error
    } finally {
      guard.stop()
    }
  })
}

async function receive(
  { remoteName, landing, options, resources }: Fetch,
  held: Held,
  reader: ByteReader,
  onMoved: () => void,
): Promise<ReceivedFile | undefined> {
  const { overwrite = 'never', maxFileBytes = Number.MAX_SAFE_INTEGER, onProgress } = options
  const offer = parseOffer(await readItem(reader))
  if (offer.name !== remoteName)
    throw new AivError('E_FILE_MISMATCH', 'the peer answered with a file of another name')
  if (offer.size > maxFileBytes)
    throw new AivError('E_TOO_LARGE', `${remoteName}: more than ${maxFileBytes} bytes`)
  const restart = parseRestart(await readItem(reader))
  onMoved()
  const reception: Reception = { landing, offer, overwrite, reader, onMoved, onProgress }
  if (held.kind !== 'nothing' && !restart && held.offset > offer.size)
    throw new AivError('E_MALFORMED', 'the peer goes on behind the end of its file')
  if (held.kind === 'target') {
    if (!restart && held.offset === offer.size) return await confirmTarget(reception, held.hash)
    if (overwrite === 'never')
      throw new AivError('E_FILE_EXISTS', `${landing.name}: another file of this name exists`)
    if (!restart) return undefined
  }
  const part = await partFor(landing, held, offer, resources)
  if (held.kind === 'part' && !restart) return await receivePart(reception, part, held.hash)
  await part.restart()
  return await receivePart(reception, part, createSha256())
}

/** The unfinished file under the name that belongs to this content. */
async function partFor(
  landing: Landing,
  held: Held,
  { fingerprint }: FileOffer,
  resources: AsyncDisposableStack,
): Promise<PartFile> {
  const name = partName(landing.fileName, fingerprint)
  if (held.kind === 'part') {
    if (held.part.name === name) return held.part
    claimHere(landing, name, resources)
    await held.part.rename(name, landing.lockPart(name))
    return held.part
  }
  claimHere(landing, name, resources)
  const part = await landing.openPart(fingerprint)
  resources.defer(() => part.keep())
  return part
}

function claimHere(landing: Landing, name: string, resources: AsyncDisposableStack): void {
  const claim = claimFree(landing.partKey(name), OURSELVES)
  if (claim === undefined)
    throw new AivError('E_FILE_EXISTS', `${landing.name}: a transfer of this file is in progress`)
  resources.defer(() => claim.release())
}
