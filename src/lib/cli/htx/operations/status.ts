/** What `aiv htx status` shows: how a process describes itself, and how that is read and printed. */
import { type HtxMetrics, stateOf, type WatchedSession } from '../../../htx/index.ts'
import { formatSize } from '../../quantities.ts'

export type ProcessRole = 'listen' | 'connect' | 'pt'

export interface SessionStatus {
  readonly peer: string
  readonly remote: string
  readonly role: 'client' | 'server'
  readonly suite: string
  readonly session_id: string
  readonly state: 'open' | 'draining' | 'closing'
  /** RFC 3339 */
  readonly since: string
  readonly streams: { readonly local: number; readonly remote: number }
  readonly bytes_sent: number
  readonly bytes_received: number
  readonly buffered_bytes: number
  readonly rtt_ms: number
}

export interface ProcessStatus {
  readonly pid: number
  readonly role: ProcessRole
  readonly address: string | undefined
  /** Name of the web site that a camouflaged listener looks like. */
  readonly site?: string | undefined
  /** RFC 3339 */
  readonly since: string
  readonly sessions: readonly SessionStatus[]
}

export function describeProcess(parts: {
  readonly role: ProcessRole
  readonly startedMs: number
  readonly address: string | undefined
  readonly site?: string | undefined
  readonly observer: Pick<HtxMetrics, 'sessions'>
}): ProcessStatus {
  return {
    pid: process.pid,
    role: parts.role,
    address: parts.address,
    site: parts.site,
    since: new Date(parts.startedMs).toISOString(),
    sessions: parts.observer.sessions.map(describeWatched),
  }
}

function describeWatched({ session, role, startedMs }: WatchedSession): SessionStatus {
  const { peer, remoteAddress, suite, sessionId } = session.description
  const { bytesSent, bytesReceived } = session.statistics
  return {
    peer,
    remote: remoteAddress,
    role,
    suite,
    session_id: sessionId,
    state: stateOf(session),
    since: new Date(startedMs).toISOString(),
    streams: session.streamsBySide,
    bytes_sent: bytesSent,
    bytes_received: bytesReceived,
    buffered_bytes: session.bufferedBytes,
    rtt_ms: Math.round(session.roundTripMs * 1000) / 1000,
  }
}

/** Bytes a second between two looks at one process. */
interface Rates {
  readonly sent_per_s: number
  readonly received_per_s: number
}

export interface RatedProcess extends Omit<ProcessStatus, 'sessions'> {
  readonly sessions: readonly (SessionStatus & Partial<Rates>)[]
}

/** Adds what the sessions moved a second since `before`. */
export function withRates(
  before: readonly ProcessStatus[],
  now: readonly ProcessStatus[],
  elapsedMs: number,
): readonly RatedProcess[] {
  const earlier = new Map(
    before.flatMap(({ pid, sessions }) => sessions.map((each) => [keyOf(pid, each), each])),
  )
  return now.map((process) => ({
    ...process,
    sessions: process.sessions.map((session) => {
      const first = earlier.get(keyOf(process.pid, session))
      const rate = (bytes: number, was = 0): number => Math.round(((bytes - was) * 1000) / elapsedMs)
      return {
        ...session,
        sent_per_s: rate(session.bytes_sent, first?.bytes_sent),
        received_per_s: rate(session.bytes_received, first?.bytes_received),
      }
    }),
  }))
}

const keyOf = (pid: number, { session_id, role }: SessionStatus): string => `${pid} ${session_id} ${role}`

/** Answers of processes as values; what is none of ours is left out. */
export function parseStatuses(answers: readonly string[]): readonly ProcessStatus[] {
  return answers
    .flatMap((answer) => {
      const value = tryParse(answer)
      return isProcessStatus(value) ? [value] : []
    })
    .toSorted((a, b) => a.pid - b.pid)
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isProcessStatus(value: unknown): value is ProcessStatus {
  return typeof value === 'object' && value !== null && 'pid' in value && 'sessions' in value
}

/** A table for people: a line for each process, below it one for each of its sessions. */
export function statusTable(processes: readonly RatedProcess[]): string {
  if (processes.length === 0) return 'no aiv htx process of this user runs here'
  const lines: string[] = []
  for (const { pid, role, address, since, sessions } of processes) {
    const count = sessions.length === 1 ? '1 session' : `${sessions.length} sessions`
    lines.push(
      `${pid}  ${role}  since ${since.slice(0, 19)}Z  ${count}${address === undefined ? '' : `  ${address}`}`,
    )
    if (sessions.length > 0)
      lines.push(...columns([HEADINGS, ...sessions.map(cells)]).map((line) => `  ${line}`))
  }
  return lines.join('\n')
}

const HEADINGS = ['PEER', 'REMOTE', 'STATE', 'STREAMS', 'SENT', 'RECEIVED', 'OUT/S', 'IN/S', 'RTT'] as const

function cells(session: RatedProcess['sessions'][number]): readonly string[] {
  const { peer, remote, state, streams, bytes_sent, bytes_received, sent_per_s, received_per_s, rtt_ms } =
    session
  return [
    peer,
    remote,
    state,
    String(streams.local + streams.remote),
    formatSize(bytes_sent),
    formatSize(bytes_received),
    sent_per_s === undefined ? '-' : formatSize(sent_per_s),
    received_per_s === undefined ? '-' : formatSize(received_per_s),
    `${rtt_ms} ms`,
  ]
}

function columns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = HEADINGS.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
