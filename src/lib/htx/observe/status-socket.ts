/**
 * What a running process says about itself to the same user: one socket a process in one folder of mode 0700. Whoever
 * connects gets one JSON document and the end.
 */
import { closeSync, openSync } from 'node:fs'
import { chmod, mkdir, readdir, unlink } from 'node:fs/promises'
import { createConnection, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import {
  AivError,
  fromUtf8,
  type RandomSource,
  systemClock,
  type TimerClock,
  toHex,
} from '../../core/index.ts'
import { socketError } from '../../link/index.ts'

const NAME = /^htx-\d+-[0-9a-f]{8}\.sock$/
/** Bytes that the path of a local socket may have: `sun_path` with its NUL. */
const PATH_MOST = 107
/** A process that does not answer in this time is busy or stopped; milliseconds. */
const ANSWER_MS = 2_000
/** Bytes of one answer: thousands of sessions. */
const ANSWER_MOST = 16 * 1024 * 1024
const CONNECTIONS_MOST = 16

export interface StatusServer {
  close(): Promise<void>
}

/**
 * Answers until it is closed; what killed processes left behind in `folder` is removed.
 * @param document makes the answer, once for each who asks
 * @throws AivError `E_PERMISSION`, `E_IO`, `E_LINK`, `E_UNSUPPORTED`
 */
export async function serveStatus(
  folder: string,
  pid: number,
  random: RandomSource,
  document: () => string,
  clock: TimerClock = systemClock,
): Promise<StatusServer> {
  requireLocalSockets()
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 })
    await chmod(folder, 0o700)
  } catch (cause) {
    throw new AivError('E_IO', `cannot make ${folder}: ${(cause as Error).message}`, { cause })
  }
  await readStatuses(folder)
  // Containers that share the folder may share the number of the process, too.
  const place = shortPath(folder, `htx-${pid}-${toHex(random.bytes(4))}.sock`)
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: false }, (socket) => {
    // From the beginning, not from the last byte: who keeps talking would stay.
    const cancel = clock.schedule(ANSWER_MS, () => socket.destroy())
    sockets.add(socket)
    socket.once('close', () => {
      cancel()
      sockets.delete(socket)
    })
    socket.on('error', () => {})
    socket.resume()
    socket.end(document())
  })
  server.maxConnections = CONNECTIONS_MOST
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(place.path, resolve)
    })
    await chmod(place.path, 0o600)
  } catch (error) {
    place.release()
    throw socketError(`cannot listen in ${folder}`, error)
  }
  server.on('error', () => {})
  let closed: Promise<void> | undefined
  // Once: the number of the open folder may be another file's by the second time.
  const close = async (): Promise<void> => {
    const ended = new Promise((resolve) => server.close(resolve))
    for (const socket of sockets) socket.destroy()
    await ended
    place.release()
  }
  return {
    close: () => {
      closed ??= close()
      return closed
    },
  }
}

/**
 * The answers of all processes that serve in `folder`, as they came; those of a busy or stopped process are missing.
 * Sockets that nobody serves are removed.
 */
export async function readStatuses(folder: string): Promise<readonly string[]> {
  requireLocalSockets()
  let names: readonly string[]
  try {
    names = await readdir(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw new AivError('E_IO', `cannot read ${folder}: ${(error as Error).message}`, { cause: error })
  }
  const answers = await Promise.all(
    names.filter((name) => NAME.test(name)).map((name) => readStatus(folder, name)),
  )
  return answers.filter((answer) => answer !== undefined)
}

async function readStatus(folder: string, name: string): Promise<string | undefined> {
  const place = shortPath(folder, name)
  try {
    return await ask(place.path)
  } catch (error) {
    // Bound and served by nobody: its process was killed.
    if ((error as NodeJS.ErrnoException).code === 'ECONNREFUSED') await unlink(place.path).catch(() => {})
    return undefined
  } finally {
    place.release()
  }
}

async function ask(path: string): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  const socket = createConnection(path)
  socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('no answer')))
  for await (const chunk of socket as AsyncIterable<Uint8Array>) {
    bytes += chunk.length
    if (bytes > ANSWER_MOST) throw new AivError('E_TOO_LARGE', 'the answer of a process is too large')
    chunks.push(chunk)
  }
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return fromUtf8(whole)
}

interface Place {
  readonly path: string
  /** The path is not used any more. */
  release(): void
}

/** A path that fits into a socket address: through an open folder where the plain one is too long. */
function shortPath(folder: string, name: string): Place {
  const path = join(folder, name)
  if (Buffer.byteLength(path) <= PATH_MOST || process.platform !== 'linux') return { path, release: () => {} }
  const descriptor = openSync(folder, 'r')
  return { path: `/proc/self/fd/${descriptor}/${name}`, release: () => closeSync(descriptor) }
}

function requireLocalSockets(): void {
  if (process.platform === 'win32')
    throw new AivError('E_UNSUPPORTED', 'this system has no local sockets in folders')
}
