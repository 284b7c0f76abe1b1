/** The ports of `-R`: opened at the peer with the first session, kept open, and opened again in each that follows. */
import { isAivError, systemClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import {
  acceptService,
  formatTarget,
  type HtxSession,
  keepRemoteForward,
  type LocalEndpoint,
  type RemoteForward,
  RemoteForwards,
  type Target,
} from '../../../htx/index.ts'
import type { ForwardSpec } from './forward-spec.ts'
import type { ForwardCommand, ForwardPeer } from './forwards.ts'

interface RemotePort {
  readonly asked: Target
  readonly target: Target
  /** What the peer picked last. */
  picked: number
}

export class RemotePorts {
  readonly #peer: ForwardPeer
  readonly #command: ForwardCommand
  readonly #ports: readonly RemotePort[]

  constructor(specs: readonly ForwardSpec[], peer: ForwardPeer, command: ForwardCommand) {
    this.#peer = peer
    this.#command = command
    this.#ports = specs.map(({ listen, target }) => {
      const asked = bindOf(listen)
      return { asked, target, picked: asked.port }
    })
  }

  /** @returns where they are. @throws AivError `E_SERVICE_REFUSED` for the first that the peer refuses */
  async open(session: HtxSession): Promise<readonly { readonly listen: string; readonly target: Target }[]> {
    if (this.#ports.length === 0) return []
    const remotes = this.#offer(session)
    const opened: RemoteForward[] = []
    for (const { asked, target } of this.#ports) opened.push(await remotes.add(asked, target))
    return this.#ports.map((port, i) => {
      const first = opened[i] as RemoteForward
      this.#keep(session, remotes, port, first)
      return { listen: first.where, target: port.target }
    })
  }

  /** Has a session that takes the place of another open them again, for as long as it lives. */
  reopen(session: HtxSession): void {
    if (this.#ports.length === 0) return
    const remotes = this.#offer(session)
    for (const port of this.#ports) this.#keep(session, remotes, port)
  }

  /** What the peer needs to hand over connections. */
  #offer(session: HtxSession): RemoteForwards {
    const { observer, lasting } = this.#peer
    const remotes = new RemoteForwards(session, systemClock)
    const services = observer.countServices(remotes.services)
    session.onStream((stream) => void acceptService(stream, session, { clock: systemClock, services }))
    lasting?.vouch(session, () => remotes.hasServed)
    return remotes
  }

  #keep(session: HtxSession, remotes: RemoteForwards, port: RemotePort, first?: RemoteForward): void {
    const { event, signal } = this.#command
    const over = new AbortController()
    const onAbort = (): void => over.abort()
    signal.addEventListener('abort', onAbort, { once: true })
    void session.closed.then(onAbort)
    const { asked, target } = port
    if (first !== undefined) port.picked = first.port
    const listen = formatTarget({ ...asked, port: port.picked })
    const onRefused = (error: Error): void => {
      const { message } = error
      const code = isAivError(error) ? error.code : undefined
      event(
        'forward-failed',
        { listen, target: formatTarget(target), code, reason: message },
        `${listen}: ${message}; asking again until it works`,
      )
    }
    void keepRemoteForward(remotes, {
      asked,
      port: port.picked,
      target,
      ...(first === undefined ? {} : { first }),
      clock: systemClock,
      random: systemRandom,
      signal: over.signal,
      onOpened: ({ where, port: number }) => {
        port.picked = number
        event('forward-reopened', { listen: where }, `the peer listens at ${where} again`)
      },
      onClosed: ({ where }, how) => {
        if (!session.isOpen) return
        const why =
          how === 'taken-over' ? 'a later session of this key has taken it over' : 'the peer closed it'
        event('forward-ended', { listen: where, reason: why }, `${where}: ${why}`)
      },
      onRefused: (error) => {
        if (session.isOpen) onRefused(error)
      },
    }).finally(() => signal.removeEventListener('abort', onAbort))
  }
}

/** A port of every interface has to be permitted by that name. */
function bindOf(listen: LocalEndpoint): Target {
  if ('path' in listen) return { host: listen.path, port: 0 }
  return { host: listen.host ?? '0.0.0.0', port: listen.port }
}
