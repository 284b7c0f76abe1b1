/** Connecting to a peer. */
import { AivError, isAivError, systemClock, type TimerClock } from '../../../core/index.ts'
import { dialLink, type Link } from '../../../link/index.ts'
import { type HtxAddress, parseAddress } from '../../address.ts'
import { HANDSHAKE_DEADLINE_MS } from '../../constants.ts'
import { defaultPqPolicy, SUITE, suiteToStart } from '../../handshake/index.ts'
import type { ResumptionFile, TakenTicket } from '../../resumption/index.ts'
import type { HtxSession } from '../htx-session.ts'
import { linkOf } from '../listen.ts'
import { ConnectAttempt } from './connect-attempt.ts'
import type { ConnectOptions } from './connect-options.ts'
import { requireGrant } from './require-grant.ts'

/**
 * Connects to a peer by its full address. No application byte leaves before the peer has proved who it is.
 * @throws AivError `E_ADDRESS`, `E_CLASSICAL_REFUSED`, `E_PEER_KEY_UNKNOWN`, `E_UNREACHABLE`, `E_HANDSHAKE_TIMEOUT`,
 *   `E_INPUT` (the resumption file), `E_PEER_MISMATCH`, `E_CERTIFICATE`, `E_HANDSHAKE`, `E_CRYPTO` (no key at all in the address),
 *   `E_ABORTED`, `E_TICKET_EXPIRED`, `E_USAGE` (an access ticket at first contact)
 */
export async function connect(address: string, options: ConnectOptions = {}): Promise<HtxSession> {
  const parsed = parseAddress(address, 'connect')
  const clock = options.clock ?? systemClock
  const pq = options.pq ?? defaultPqPolicy(clock.wallMs())
  if (parsed.suite === 'classical' && pq !== 'off') {
    throw new AivError(
      'E_CLASSICAL_REFUSED',
      'the address asks for a key agreement without post-quantum protection',
      {
        hint: 'Pass --pq off if you mean it; an address from somebody else must not decide that.',
      },
    )
  }
  const x = parsed.x ?? (await options.trust?.keyOf(parsed.peer as string))
  if (x === undefined && options.firstContact !== true) {
    throw new AivError(
      'E_PEER_KEY_UNKNOWN',
      'neither the address nor the known peers have the key of this peer',
      {
        hint: 'Use the full address that `aiv htx listen` prints, or pass --first-contact.',
      },
    )
  }
  if (parsed.scheme === 'htx+https') requireGrant(options, x)
  else if (x === undefined && options.accessGrant !== undefined) {
    throw new AivError(
      'E_USAGE',
      'an access ticket cannot go with a first contact: its first message is readable',
      {
        hint: 'Use the full address of the listener, key included.',
      },
    )
  }
  const attempt = async (resumptionTicket?: TakenTicket, link?: Link): Promise<HtxSession> =>
    await new ConnectAttempt(
      link ?? (await dial(parsed, x, { ...options, clock })),
      parsed,
      x,
      pq,
      clock,
      options,
      resumptionTicket,
    ).run()
  // A 1.2 session is never resumed.
  if (options.resumption === undefined || x === undefined || options.spec === '1.2') return await attempt()
  const { link, resumptionTicket } = await dialWithTicket(parsed, { ...options, clock }, options.resumption, {
    peer: parsed.peer as string,
    x,
    hybrid: suiteToStart(pq, 'NN') === SUITE.NN_HFS_PSK,
  })
  if (resumptionTicket === undefined) return await attempt(undefined, link)
  try {
    return await attempt(resumptionTicket, link)
  } catch (error) {
    if (options.signal?.aborted === true || !isAivError(error)) throw error
    // Silence, or whatever else became of the resumption ticket: it is used up, and the full handshake needs none.
    // Nor does it need what is left of the ticket to be gone from a file that another process may have.
    await untilDeadline(options.resumption.tidy(), clock, options).catch(() => {})
    return await attempt()
  }
}

type DialOptions = ConnectOptions & { readonly clock: TimerClock }

async function dial(address: HtxAddress, x: Uint8Array | undefined, options: DialOptions): Promise<Link> {
  const link = await openLink(address, x, options)
  return options.tracer?.trace(link, 'client') ?? link
}

async function openLink(address: HtxAddress, x: Uint8Array | undefined, options: DialOptions): Promise<Link> {
  const { kind } = linkOf(address)
  if (kind === 'https') return await dialCamouflaged(address, x, options)
  return await dialLink(
    kind,
    { ...address, secure: address.scheme === 'htx+wss' },
    { ...options.dial, ...(options.signal === undefined ? {} : { signal: options.signal }) },
  )
}

async function dialCamouflaged(
  address: HtxAddress,
  x: Uint8Array | undefined,
  options: DialOptions,
): Promise<Link> {
  // Loaded on demand: a TLS client of its own is more than most processes need.
  const { diallerOf } = await import('./camouflaged-dialler.ts')
  return await diallerOf(options.camouflage).dial(address, x, options)
}

/**
 * Dials while the disk deletes the resumption ticket: each takes as long as the other. A listener that cannot be reached costs no
 * ticket: it was never sent, so it may go back.
 */
async function dialWithTicket(
  address: HtxAddress,
  options: DialOptions,
  file: ResumptionFile,
  wanted: Parameters<ResumptionFile['take']>[0] & { readonly x: Uint8Array },
): Promise<{ readonly link: Link; readonly resumptionTicket: TakenTicket | undefined }> {
  const inVain = new AbortController()
  const signals = [inVain.signal, ...(options.signal === undefined ? [] : [options.signal])]
  const dialling = dial(address, wanted.x, { ...options, signal: AbortSignal.any(signals) })
  const locked = file.take(wanted, inVain.signal)
  const taking = untilDeadline(locked, options.clock, options)
  let isTaken = false
  const onTaken = (): void => {
    isTaken = true
  }
  locked.then(onTaken, () => {})
  try {
    const [link, resumptionTicket] = await Promise.all([dialling, taking])
    return { link, resumptionTicket }
  } catch (error) {
    // Whichever failed first, the other is not waited for.
    inVain.abort()
    dialling.then((link) => link.abort()).catch(() => {})
    // It may get the file in the same moment; one that is here goes back before anybody asks again.
    const returned = locked.then(async (ticket) => ticket && (await file.putBack(ticket))).catch(() => {})
    if (isTaken) await returned
    throw error
  }
}

/** Waits for the file of resumption tickets, which another process may have, no longer than for a listener. */
async function untilDeadline<T>(
  work: Promise<T>,
  clock: TimerClock,
  { signal, handshakeTimeoutMs = HANDSHAKE_DEADLINE_MS }: ConnectOptions,
): Promise<T> {
  const over = Promise.withResolvers<never>()
  const onAbort = (): void => over.reject(new AivError('E_ABORTED', 'the connection attempt was given up'))
  const cancel = clock.schedule(handshakeTimeoutMs, () =>
    over.reject(
      new AivError(
        'E_TIMEOUT',
        `another process had the file of resumption tickets for ${handshakeTimeoutMs} ms`,
      ),
    ),
  )
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    if (signal?.aborted === true) onAbort()
    return await Promise.race([over.promise, work])
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
  }
}
