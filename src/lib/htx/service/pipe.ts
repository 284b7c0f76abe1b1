/** What a listener may answer the services `pipe` and `echo` with. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTcp } from 'node:net'
import { PassThrough } from 'node:stream'
import { CODE } from '../codes.ts'
import { refusal, type Service } from './accept-service.ts'
import { relay } from './relay.ts'

/** Time to reach the target of a forward, milliseconds. */
const FORWARD_TIMEOUT_MS = 10_000

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
  return async ({ accept, reader, stream, session }) => {
    const child = spawn(command, {
      shell: true,
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, AIV_PEER: session.peer },
      // A group of its own, so that what the shell started ends with it.
      detached: true,
    })
    const exited = once(child, 'exit')
    try {
      await once(child, 'spawn')
    } catch (error) {
      throw refusal(`the command did not start: ${(error as Error).message}`)
    }
    accept()
    reader.release()
    const broken = relay(stream, { readable: child.stdout, writable: child.stdin })
    // A command that ends without reading everything reads no more.
    void exited.then(() => stream.stopReading())
    const failure = await broken
    if (failure !== undefined && child.exitCode === null) killGroup(child.pid)
    await exited
  }
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
      throw refusal(`the forward target cannot be reached: ${(error as Error).message}`)
    }
    socket.setTimeout(0)
    if (stream.destroyed) {
      socket.destroy()
      return
    }
    accept()
    reader.release()
    const failure = await relay(stream, { readable: socket, writable: socket })
    if (failure !== undefined && !stream.destroyed) stream.abort(CODE.CANCELLED)
  }
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGTERM')
  } catch {
    // It ended by itself meanwhile.
  }
}
