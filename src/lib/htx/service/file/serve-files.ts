/** The service `file/1` of a listener that gives files (section 12.2, get and list). */
import { systemClock, type TimerClock } from '../../../core/index.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import { refusal, type Service, type ServiceRequest } from '../accept-service.ts'
import { Turns } from '../turns.ts'
import { GETS_SERVED_AT_ONCE, LISTS_SERVED_AT_ONCE, READ_CHUNK } from './constants.ts'
import type { DirectoryEntry } from './disk/directory.ts'
import { inDirectory, openBelow } from './disk/landing.ts'
import { isPartName, nameSegments, segmentProblem } from './disk/names.ts'
import { offerOf, type SourceFile, sourceFrom, unixSecondsOf } from './disk/source-file.ts'
import { openOwnRoot, orRefuse } from './refusals.ts'
import type { FileResult } from './types.ts'
import { EntryList, type FileEntry } from './wire/entries.ts'
import { encodeOffer, type FileRequest, parseRequest } from './wire/items.ts'
import { sendFile } from './wire/send-file.ts'
import { StallGuard } from './wire/stall-guard.ts'
import { stopReading, untilClosed, whileOpen, writeTo } from './wire/stream-end.ts'

export interface ServeFilesOptions {
  /** The directory whose files may be fetched. */
  readonly root: string
  /** A peer has a file, whole and verified. */
  readonly onFile?: (file: FileResult & { readonly peer: string }) => void
  readonly clock?: TimerClock
}

/** Gives the files below `root`, and lists of them; refuses to take any. */
export function serveFiles(options: ServeFilesOptions): Service {
  const clock = options.clock ?? systemClock
  const lists = { count: 0 }
  /** One row for each session: a peer that reads nothing keeps only itself waiting. */
  const gets = new WeakMap<HtxSession, Turns>()
  return async (request) => {
    const asked = await orRefuse(async () => parseRequest(request.params))
    if (asked.op === 'get') {
      const turns = gets.get(request.session) ?? new Turns(GETS_SERVED_AT_ONCE)
      gets.set(request.session, turns)
      await turns.run(whileOpen(request.stream), () => give(request, asked, options, clock))
      await untilClosed(request.stream, clock)
    } else if (asked.op === 'list') await list(request, asked.path, options.root, lists, clock)
    else throw refusal(`${asked.op} is not offered here`)
  }
}

async function give(
  { accept, reader, session, stream }: ServiceRequest,
  { name, held }: Extract<FileRequest, { op: 'get' }>,
  { root, onFile }: ServeFilesOptions,
  clock: TimerClock,
): Promise<void> {
  const source = await orRefuse(() => openServed(root, name))
  try {
    accept()
    await writeTo(stream, encodeOffer(offerOf(name, source)))
    const sent = await sendFile({ stream, reader, source, held, clock, signal: whileOpen(stream) })
    onFile?.({ name, size: source.size, ...sent, peer: session.peer })
  } finally {
    await source.handle.close()
  }
}

async function openServed(path: string, name: string): Promise<SourceFile> {
  const segments = nameSegments(name)
  const root = await openOwnRoot(path)
  try {
    return await sourceFrom(await openBelow(root, segments), name)
  } finally {
    await root.close()
  }
}

async function list(
  { accept, stream }: ServiceRequest,
  path: string,
  root: string,
  lists: { count: number },
  clock: TimerClock,
): Promise<void> {
  if (lists.count >= LISTS_SERVED_AT_ONCE) throw refusal('too many lists are being made, try again later')
  lists.count++
  try {
    const answer = await orRefuse(() => listBelow(root, path))
    accept()
    const guard = new StallGuard(stream, clock)
    try {
      for (let at = 0; at < answer.length; at += READ_CHUNK) {
        await writeTo(stream, answer.subarray(at, at + READ_CHUNK))
        guard.moved()
      }
    } finally {
      guard.stop()
    }
    stopReading(stream)
    stream.end()
  } finally {
    lists.count--
  }
  await untilClosed(stream, clock)
}

/** One level of what is served: regular files and directories that have a name a peer can ask for. */
async function listBelow(path: string, name: string): Promise<Uint8Array> {
  const segments = name === '' ? [] : nameSegments(name)
  const root = await openOwnRoot(path)
  try {
    return await inDirectory(root, segments, async (directory) => {
      const entries = new EntryList()
      for await (const entry of directory.entries()) {
        const served = servedEntry(entry)
        if (served !== undefined) entries.add(served)
      }
      return entries.encode()
    })
  } finally {
    await root.close()
  }
}

function servedEntry({ name, stat }: DirectoryEntry): FileEntry | undefined {
  if (isPartName(name) || segmentProblem(name) !== undefined) return undefined
  const dir = stat.isDirectory()
  if (!dir && !stat.isFile()) return undefined
  const size = dir ? 0 : Number(stat.size)
  if (!Number.isSafeInteger(size)) return undefined
  return { name, size, mtime: unixSecondsOf(Number(stat.mtimeMs)), dir }
}
