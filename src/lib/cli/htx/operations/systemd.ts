/**
 * A listener under systemd: the socket that it passes on (sd_listen_fds) and what it wants to be told (sd_notify).
 * Node has no datagram sockets of the file system, so `systemd-notify` sends the messages; a unit says
 * `NotifyAccess=all` for it.
 */
import { spawn } from 'node:child_process'
import { AivError, systemClock } from '../../../core/index.ts'
import type { Fields } from '../../output.ts'

type Environment = Record<string, string | undefined>

const FIRST_FD = 3
/** A manager that does not take a message in this time does not take it at all; milliseconds. */
const NOTIFY_MS = 5_000

/**
 * The descriptor of the socket that systemd has bound for this process, if it has. The variables are gone afterwards:
 * a child would take the socket for its own.
 * @param name its `FileDescriptorName`; needed when there are several
 * @throws AivError `E_USAGE`
 */
export function takeSocket(env: Environment, pid: number, name: string | undefined): number | undefined {
  const { LISTEN_PID: owner, LISTEN_FDS: count, LISTEN_FDNAMES: names = '' } = env
  for (const variable of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete env[variable]

  const sockets = owner === String(pid) && /^[1-9]\d{0,3}$/.test(count ?? '') ? Number(count) : 0
  if (sockets === 0) {
    if (name === undefined) return undefined
    throw new AivError('E_USAGE', `systemd has passed on no socket, so none that is called ${name}`)
  }
  if (name === undefined) {
    if (sockets === 1) return FIRST_FD
    throw new AivError('E_USAGE', `systemd has passed on ${sockets} sockets`, {
      hint: `Say with --socket which one is meant: ${names.replaceAll(':', ', ')}.`,
    })
  }
  const at = names.split(':').indexOf(name)
  if (at < 0 || at >= sockets)
    throw new AivError('E_USAGE', `systemd has passed on no socket that is called ${name}`, {
      hint: `There are: ${names.replaceAll(':', ', ')}.`,
    })
  return FIRST_FD + at
}

/** Tells the service manager how this process is; does nothing without one. */
export class ServiceManager {
  readonly #socket: string | undefined
  readonly #watchdogMs: number | undefined
  readonly #onFailure: (reason: string) => void
  #cancelWatchdog: () => void = () => {}
  /** Messages go one after the other, or STOPPING could overtake READY. */
  #last: Promise<void> = Promise.resolve()
  #failed = false

  private constructor(
    socket: string | undefined,
    watchdogMs: number | undefined,
    onFailure: (reason: string) => void,
  ) {
    this.#socket = socket
    this.#watchdogMs = watchdogMs
    this.#onFailure = onFailure
  }

  /**
   * The manager that the environment names. The variables are gone afterwards: children do not speak for us.
   * @param onFailure told once when messages cannot be sent
   */
  static take(env: Environment, pid: number, onFailure: (reason: string) => void): ServiceManager {
    const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched } = env
    for (const variable of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[variable]
    const ours = watched === undefined || watched === String(pid)
    const watchdogMs = ours && /^[1-9]\d{0,17}$/.test(usec ?? '') ? Number(usec) / 1000 : undefined
    return new ServiceManager(socket === '' ? undefined : socket, watchdogMs, onFailure)
  }

  /** The listener listens. From now on the watchdog hears from the event loop at half its time. */
  ready(status: string): void {
    this.#send('READY=1', `STATUS=${status}`)
    if (this.#socket !== undefined && this.#watchdogMs !== undefined) this.#keepWatched(this.#watchdogMs / 2)
  }

  /** What the operator may change at run time is read again. */
  reloading(): void {
    this.#send('RELOADING=1')
  }

  /** What was read again is in force, or what was in force stays so. */
  reloaded(): void {
    this.#send('READY=1')
  }

  /** Sessions drain. */
  stopping(): void {
    this.#send('STOPPING=1')
  }

  /** Resolves when what was said has been sent. */
  async close(): Promise<void> {
    this.#cancelWatchdog()
    await this.#last
  }

  #keepWatched(everyMs: number): void {
    this.#cancelWatchdog = systemClock.schedule(everyMs, () => {
      this.#send('WATCHDOG=1')
      this.#keepWatched(everyMs)
    })
  }

  #send(...assignments: readonly string[]): void {
    const socket = this.#socket
    if (socket === undefined) return
    this.#last = this.#last.then(async () => {
      const reason = await notify(socket, assignments)
      if (reason === undefined || this.#failed) return
      this.#failed = true
      this.#onFailure(reason)
    })
  }
}

/** The manager of this process; messages that cannot be sent are an event, once. */
export function takeServiceManager(event: (name: string, fields: Fields) => void): ServiceManager {
  return ServiceManager.take(process.env, process.pid, (reason) => event('systemd-unavailable', { reason }))
}

/** @returns why it failed, undefined when it did not */
async function notify(socket: string, assignments: readonly string[]): Promise<string | undefined> {
  return await new Promise((resolve) => {
    const child = spawn('systemd-notify', assignments, {
      env: { PATH: process.env.PATH, NOTIFY_SOCKET: socket },
      stdio: 'ignore',
      timeout: NOTIFY_MS,
      killSignal: 'SIGKILL',
    })
    child.once('error', (error) => resolve(`systemd-notify did not start: ${error.message}`))
    child.once('exit', (code) => resolve(code === 0 ? undefined : 'systemd-notify could not send'))
  })
}
