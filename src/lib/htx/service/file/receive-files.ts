/** The service `file/1` of a listener that takes files (section 12.2, put). */
import { AivError, equal, systemClock, type TimerClock } from '../../../core/index.ts'
import { createSha256, type IncrementalHash } from '../../../crypto/index.ts'
import { CODE } from '../../codes.ts'
import { refusal, type Service, type ServiceRequest } from '../accept-service.ts'
import { hashPrefix } from './disk/file-reader.ts'
import { Landing } from './disk/landing.ts'
import { partName } from './disk/names.ts'
import type { Overwrite, PartFile } from './disk/part-file.ts'
import { fingerprintOf } from './disk/source-file.ts'
import { type Claim, claimOrTakeOver } from './disk/transfer-claims.ts'
import { confirmTarget, type Reception, receivePart } from './reception.ts'
import { openOwnRoot, orRefuse } from './refusals.ts'
import type { ReceivedFile } from './types.ts'
import { encodeItem, type FileOffer, parseRequest, parseRestart } from './wire/items.ts'
import { readItem } from './wire/receive-file.ts'
import { StallGuard } from './wire/stall-guard.ts'
import { endWithStatus, untilClosed, whileOpen, writeTo } from './wire/stream-end.ts'

export interface ReceiveFilesOptions {
  /** The directory that files are put into; it must exist. */
  readonly into: string
  /** Larger files are refused; default: no bound but the disk. */
  readonly maxFileBytes?: number
  /** What becomes of a file of the same name and other content; default `never`: the new one is refused. */
  readonly overwrite?: Overwrite
  /** A file is there, whole and verified. */
  readonly onFile?: (file: ReceivedFile & { readonly peer: string }) => void
  readonly onProgress?: (
    file: { readonly name: string; readonly peer: string },
    bytesDone: number,
    bytesTotal: number,
    resumedFrom: number,
  ) => void
  readonly clock?: TimerClock
}

/** What this side has before the first byte comes. */
interface Prepared {
  readonly offer: FileOffer
  readonly landing: Landing
  readonly claim: Claim
  /** Bytes held, and the hash state after them. */
  readonly offset: number
  readonly hash: IncrementalHash
  /** Undefined when the bytes held are those of a file that is there already. */
  readonly part: PartFile | undefined
}

/** Takes files from peers; refuses to give any. */
export function receiveFiles(options: ReceiveFilesOptions): Service {
  return async (request) => {
    const { session, stream } = request
    const clock = options.clock ?? systemClock
    const held = new AsyncDisposableStack()
    let isAccepted = false
    try {
      const prepared = await orRefuse(() => prepare(request, options, clock, held))
      isAccepted = true
      const file = await receive(
        request,
        options,
        prepared,
        new StallGuard(stream, clock, prepared.offset),
        held,
      )
      // A peer that is told how it went may come back at once: by then nothing is in its way.
      await held.disposeAsync()
      options.onFile?.({ ...file, peer: session.peer })
      endWithStatus(stream)
    } catch (error) {
      await held.disposeAsync()
      if (isAccepted && !stream.destroyed && error instanceof AivError) {
        endWithStatus(stream, error.message)
        await untilClosed(stream, clock)
      }
      throw error
    }
    await untilClosed(stream, clock)
  }
}

/**
 * Everything that can be refused before a byte is written: the name, the size, a file that is there, a transfer that
 * is under way. Only then come the unfinished file and its directories.
 */
async function prepare(
  { params, session, stream }: ServiceRequest,
  { into, maxFileBytes = Number.MAX_SAFE_INTEGER, overwrite = 'never' }: ReceiveFilesOptions,
  clock: TimerClock,
  held: AsyncDisposableStack,
): Promise<Prepared> {
  const request = parseRequest(params)
  if (request.op !== 'put') throw refusal(`${request.op} is not offered here`)
  const { offer } = request
  if (offer.size > maxFileBytes) throw refusal(`files of more than ${maxFileBytes} bytes are not taken here`)
  const signal = whileOpen(stream)
  const root = await openOwnRoot(into)
  held.defer(() => root.close())
  const landing = await Landing.find(root, offer.name)
  held.defer(() => landing.close())
  const claim = await claimOrTakeOver(
    landing.partKey(partName(landing.fileName, offer.fingerprint)),
    {
      session,
      peer: session.peer,
      giveUp: () =>
        stream.abort(CODE.CANCELLED, new AivError('E_ABORTED', 'another session took the transfer over')),
    },
    clock,
  )
  if (claim === undefined) throw refusal(`${offer.name}: a transfer of this file is in progress`)
  held.defer(() => claim.release())
  const target = await hashTarget(landing, offer, overwrite, signal)
  if (target !== undefined)
    return { offer, landing, claim, offset: offer.size, hash: target, part: undefined }
  const part = await landing.openPart(offer.fingerprint)
  held.defer(() => part.keep())
  if (part.size > offer.size) await part.restart()
  return { offer, landing, claim, offset: part.size, hash: await part.hash(signal), part }
}

/**
 * The hash of the file that is there, when it may be the one that is offered.
 * @throws AivError `E_FILE_EXISTS` when it is another one and has to stay
 */
async function hashTarget(
  landing: Landing,
  offer: FileOffer,
  overwrite: Overwrite,
  signal: AbortSignal,
): Promise<IncrementalHash | undefined> {
  const target = await landing.openTarget()
  if (target === undefined) return undefined
  try {
    const { size } = await target.stat()
    if (size === offer.size && equal(await fingerprintOf(target, size), offer.fingerprint))
      return await hashPrefix(target, size, signal)
  } finally {
    await target.close()
  }
  if (overwrite === 'never') throw exists(offer.name)
  return undefined
}

async function receive(
  { accept, reader, session, stream }: ServiceRequest,
  { overwrite = 'never', onProgress }: ReceiveFilesOptions,
  { offer, landing, claim, offset, hash, part }: Prepared,
  guard: StallGuard,
  held: AsyncDisposableStack,
): Promise<ReceivedFile> {
  held.defer(() => guard.stop())
  const file = { name: offer.name, peer: session.peer }
  const reception: Reception = {
    landing,
    offer,
    overwrite,
    reader,
    onMoved: () => {
      guard.moved()
      claim.moved()
    },
    onProgress: onProgress && ((...progress) => onProgress(file, ...progress)),
  }
  accept()
  await writeTo(stream, encodeItem({ offset, prefix: hash.copy().digest() }))
  const restart = parseRestart(await readItem(reader))
  reception.onMoved()
  if (!restart)
    return part === undefined
      ? await confirmTarget(reception, hash)
      : await receivePart(reception, part, hash)
  // The file that is there has the right fingerprint, and yet another content.
  if (part === undefined && overwrite === 'never') throw exists(offer.name)
  const fresh = part ?? (await landing.openPart(offer.fingerprint))
  if (part === undefined) held.defer(() => fresh.keep())
  await fresh.restart()
  return await receivePart(reception, fresh, createSha256())
}

function exists(name: string): AivError {
  return new AivError('E_FILE_EXISTS', `${name}: another file of this name exists`)
}
