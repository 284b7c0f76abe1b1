/** A folder as a web site: static files, and nothing that depends on who asks. */
import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, realpath, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { AivError, EMPTY } from '../../../../core/index.ts'
import {
  type DecoySite,
  type HeaderFields,
  pathOf,
  type SiteAnswer,
  type SiteRequest,
} from '../site-request.ts'
import { select } from './conditional.ts'
import { contentTypeOf } from './content-types.ts'
import { folderTarget, realPathBelow, requestedPath } from './file-path.ts'
import { plainAnswer } from './plain-answer.ts'

const INDEX = 'index.html'
const NOT_FOUND_PAGE = '404.html'
/** Bytes of a file that are read at once; a smaller file is read whole. */
const READ_BYTES = 64 * 1024
/** What a name that leads nowhere ends with. */
const NO_SUCH_FILE: readonly unknown[] = [
  'ENOENT',
  'ENOTDIR',
  'ENAMETOOLONG',
  'ELOOP',
  'EACCES',
  'EPERM',
  'EISDIR',
  'ENXIO',
]
/** A pipe must not block us, and a link that comes between two looks must not lead out. */
const OPEN_FLAGS = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0)

interface OpenFile {
  readonly path: string
  readonly handle: FileHandle
  readonly stats: Stats
}

/**
 * @param path the folder
 * @param formPath takes forms: a POST there is answered by a redirect to the page
 * @throws AivError `E_NOT_FOUND`, `E_INPUT` when it is no folder, `E_PERMISSION`
 */
export async function openDirectorySite(path: string, formPath: string): Promise<DecoySite> {
  let root: string
  try {
    root = await realpath(path)
  } catch (cause) {
    throw new AivError('E_NOT_FOUND', `there is no decoy folder ${path}`, {
      cause,
      hint: 'Name a folder with the pages of a web site.',
    })
  }
  if (!(await stat(root)).isDirectory())
    throw new AivError('E_INPUT', `the decoy ${path} is no folder`, {
      hint: 'Name a folder with the pages of a web site, or the URL of a site.',
    })
  return new DirectorySite(root, formPath)
}

class DirectorySite implements DecoySite {
  readonly #root: string
  readonly #formPath: string

  constructor(root: string, formPath: string) {
    this.#root = root
    this.#formPath = formPath
  }

  async answer(request: SiteRequest): Promise<SiteAnswer> {
    const { method, target } = request
    if (method === 'POST' && pathOf(target) === this.#formPath)
      return plainAnswer(303, [['Location', this.#formPath]])
    if (method !== 'GET' && method !== 'HEAD') return plainAnswer(405, [['Allow', 'GET, HEAD']])
    const wanted = requestedPath(target)
    if (wanted === undefined) return await this.#notFound(request)
    const { segments, isFolder } = wanted
    const real = await orUndefined(realPathBelow(this.#root, segments))
    if (real === undefined) return await this.#notFound(request)
    const stats = await orUndefined(stat(real))
    if (stats?.isDirectory() === true && !isFolder)
      return plainAnswer(301, [['Location', folderTarget(segments)]])
    if (stats === undefined || stats.isDirectory() !== isFolder) return await this.#notFound(request)
    const file = await this.#open(isFolder ? [...segments, INDEX] : segments)
    return file === undefined ? await this.#notFound(request) : await answerWith(file, request)
  }

  /** A site of files knows nothing of WebSockets, and takes the request for what it is without them. */
  upgrade(request: SiteRequest): Promise<SiteAnswer> {
    return this.answer(request)
  }

  async connect(): Promise<SiteAnswer> {
    return plainAnswer(405, [['Allow', 'GET, HEAD']])
  }

  close(): void {
    // Files are open for one answer only.
  }

  async #notFound({ method, signal }: SiteRequest): Promise<SiteAnswer> {
    const file = await this.#open([NOT_FOUND_PAGE])
    if (file === undefined) return plainAnswer(404)
    const { size } = file.stats
    return {
      status: 404,
      fields: [
        ['Content-Type', contentTypeOf(file.path)],
        ['Content-Length', String(size)],
      ],
      body: await bodyOf(file, { method, signal, first: 0, length: size }),
    }
  }

  async #open(segments: readonly string[]): Promise<OpenFile | undefined> {
    const path = await orUndefined(realPathBelow(this.#root, segments))
    if (path === undefined) return undefined
    const handle = await orUndefined(open(path, OPEN_FLAGS))
    if (handle === undefined) return undefined
    const stats = await orUndefined(handle.stat()).catch(async (error: unknown) => {
      await handle.close()
      throw error
    })
    if (stats?.isFile() === true) return { path, handle, stats }
    await handle.close()
    return undefined
  }
}

async function answerWith(file: OpenFile, { method, fields, signal }: SiteRequest): Promise<SiteAnswer> {
  const { size, mtimeMs } = file.stats
  const modified = Math.floor(mtimeMs / 1000)
  const etag = `"${modified.toString(16)}-${size.toString(16)}"`
  const validators: HeaderFields = [
    ['Last-Modified', new Date(modified * 1000).toUTCString()],
    ['ETag', etag],
  ]
  const selection = select(fields, { etag, modified, size })
  switch (selection.kind) {
    case 'not-modified':
      await file.handle.close()
      return { status: 304, fields: validators, body: EMPTY }
    case 'unsatisfiable':
      await file.handle.close()
      return plainAnswer(416, [['Content-Range', `bytes */${size}`]])
    case 'whole':
      return {
        status: 200,
        fields: [...content(file, size), ...validators, ['Accept-Ranges', 'bytes']],
        body: await bodyOf(file, { method, signal, first: 0, length: size }),
      }
    case 'part': {
      const { first, last } = selection
      const length = last - first + 1
      return {
        status: 206,
        fields: [
          ...content(file, length),
          ...validators,
          ['Content-Range', `bytes ${first}-${last}/${size}`],
        ],
        body: await bodyOf(file, { method, signal, first, length }),
      }
    }
  }
}

function content({ path }: OpenFile, length: number): HeaderFields {
  return [
    ['Content-Type', contentTypeOf(path)],
    ['Content-Length', String(length)],
  ]
}

interface Part {
  readonly method: string
  /** Fires when nobody reads on. */
  readonly signal: AbortSignal
  readonly first: number
  readonly length: number
}

/** Takes the file over and closes it when all is read, or the body is destroyed. */
async function bodyOf(file: OpenFile, part: Part): Promise<Readable | Uint8Array> {
  const { method, first, length } = part
  if (method !== 'HEAD' && length > READ_BYTES) return streamOf(file, part)
  try {
    return method === 'HEAD' ? EMPTY : await readFully(file, first, length)
  } finally {
    await file.handle.close()
  }
}

function streamOf(file: OpenFile, { signal, first, length }: Part): Readable {
  const body = Readable.from(readChunks(file, first, length), { objectMode: false })
  const onLeave = (): void => void body.destroy()
  // Not in the generator: one that was never asked for a chunk would not run to its end.
  body.once('close', () => {
    signal.removeEventListener('abort', onLeave)
    void file.handle.close()
  })
  // A file that is forgotten while it is open ends the whole program when memory is collected.
  if (signal.aborted) onLeave()
  else signal.addEventListener('abort', onLeave)
  return body
}

async function* readChunks(file: OpenFile, first: number, length: number): AsyncGenerator<Uint8Array> {
  const end = first + length
  for (let at = first; at < end; at += READ_BYTES)
    yield await readFully(file, at, Math.min(READ_BYTES, end - at))
}

async function readFully({ path, handle }: OpenFile, first: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length)
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, first + at)
    // Its length is promised already: only the end of the connection says that it is not true.
    if (bytesRead === 0) throw new AivError('E_IO', `${path} became shorter while it was read`)
    at += bytesRead
  }
  return bytes
}

/** Undefined when the system says that there is no such file. */
async function orUndefined<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (NO_SUCH_FILE.includes((error as NodeJS.ErrnoException).code)) return undefined
    throw error
  }
}
