/** What a listener may answer the services `pipe` and `echo` with. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { PassThrough } from 'node:stream'
import { abortSocket } from '../../link/index.ts'
import { refusal, type Service } from './accept-service.ts'
import { relay } from './relay.ts'

/** Time to reach the target of a forward, milliseconds. */
const FORWARD_TIMEOUT_MS = 10_000
/** A command that nobody waits for gets this long to end by itself, milliseconds. */
const KILL_AFTER_MS = 5_000

/** Returns what it gets. */
export const echoService: Service = async ({ accept, reader, stream }) => {
  accept()
  reader.release()
  const through = new PassThrough()
  await relay(stream, { readable: through, writable: through })
}

/**
 * Runs a shell command for each stream: the stream is its stdin and stdout, stderr stays here. The command learns the
 * peer id from AIV_PEER. It is ended when the stream breaks.
 */
export function execService(command: string): Service {
  return async ({ accept, reader, stream, session, gone }) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...inheritedEnvironment(), AIV_PEER: session.peer },
      // A group of its own, so that what the shell started ends with it.
      detached: true,
    })
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw refusal(`the command did not start: ${systemReason(error)}`)
    }
    accept()
    reader.release()
    let isGone = false
    const end = (): void => {
      if (!isGone) endGroup(child)
    }
    // Nobody waits for it any more: what the peer asked to stop, or left, does not stay behind.
    stream.once('stopped', () => setTimeout(end, KILL_AFTER_MS).unref())
    const forget = endWith(gone, end)
    // A command that ends without reading everything reads no more.
    void exited.then(() => stream.stopReading())
    // Ended before its stdin is, or it would take what came so far for the whole.
    await relay(stream, { readable: child.stdout, writable: child.stdin, onBroken: end })
    await exited
    if (signalGroup(child, 0)) return
    // Its number may be another's from now on.
    isGone = true
    forget()
  }
}

/** What is to end when the peer is gone: one waiter on a promise, however many commands come and go meanwhile. */
const endings = new WeakMap<Promise<unknown>, Set<() => void>>()

/** @returns takes `end` out again */
function endWith(gone: Promise<unknown>, end: () => void): () => void {
  const ends = endings.get(gone) ?? new Set()
  if (!endings.has(gone)) {
    endings.set(gone, ends)
    void gone.then(() => {
      for (const each of ends) each()
    })
  }
  ends.add(end)
  return () => ends.delete(end)
}

/** Asks the shell and all it started to end, and ends what is still there after a while. */
function endGroup(child: ChildProcess): void {
  if (!signalGroup(child, 'SIGTERM')) return
  setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_AFTER_MS).unref()
}

/** What the command may see of our environment: a passphrase is for this process alone. */
function inheritedEnvironment(): NodeJS.ProcessEnv {
  const { AIV_PASSPHRASE: _ours, ...rest } = process.env
  return rest
}

/** Connects each stream to one fixed TCP target. */
export function forwardService(host: string, port: number): Service {
  return async ({ accept, reader, stream }) => {
    const socket = connectTcp({ host, port, allowHalfOpen: true, noDelay: true })
    socket.setTimeout(FORWARD_TIMEOUT_MS, () => socket.destroy(new Error('timed out')))
    try {
      await once(socket, 'connect')
    } catch (error) {
      socket.destroy()
      throw refusal(`the forward target cannot be reached: ${systemReason(error)}`)
    }
    socket.setTimeout(0)
    accept()
    reader.release()
    await relay(stream, {
      readable: socket,
      writable: socket,
      // A plain close would look like the end of the data.
      onBroken: () => abortSocket(socket),
    })
    // The peer has sent its last byte and reads no more: what the target still says would keep the connection for ever.
    socket.destroy()
  }
}

/** Why, in a word: the message of the system names our own addresses and paths. */
function systemReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException
  return code ?? message
}

/** @returns false when nothing of the group is left */
function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals | 0): boolean {
  if (pid === undefined) return false
  try {
    // The number of a group is not given away while one of its members lives.
    return process.kill(-pid, signal)
  } catch {
    return false
  }
}
