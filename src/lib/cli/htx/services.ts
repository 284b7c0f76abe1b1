/** What a listener serves, from its flags. */
import { AivError, systemClock } from '../../core/index.ts'
import {
  type AcceptOptions,
  type AccessList,
  echoService,
  execService,
  forwardService,
  forwardServices,
  refusal,
  type Service,
  serveFiles,
} from '../../htx/index.ts'
import type { HostPort } from '../flags.ts'
import { pumpStdio } from '../io/pump-stream.ts'

export interface ServiceFlags {
  readonly stdio?: boolean
  readonly echo?: boolean
  readonly exec?: string | undefined
  readonly forward?: HostPort | undefined
  readonly serve?: string | undefined
}

export type Services = AcceptOptions['services']

/**
 * One service for streams that name no target, and those of the forwards; the second makes the first optional.
 * @throws AivError `E_USAGE` when neither is there, or more than one of the first
 */
export function servicesOf(flags: ServiceFlags, signal: AbortSignal, access?: AccessList): Services {
  const forwards = access === undefined ? {} : forwardServices({ access, clock: systemClock })
  return { ...forwards, ...mainService(flags, signal, access !== undefined) }
}

function mainService(flags: ServiceFlags, signal: AbortSignal, isOptional: boolean): Services {
  const { stdio, echo, exec, forward, serve } = flags
  const chosen = [
    stdio === true,
    echo === true,
    exec !== undefined,
    forward !== undefined,
    serve !== undefined,
  ]
  const count = chosen.filter(Boolean).length
  if (count === 0 && isOptional) return {}
  if (count !== 1) {
    throw new AivError('E_USAGE', 'a listener needs one service', {
      hint: 'Pass exactly one of --stdio, --echo, --exec, --forward and --serve; or --permit or --socks for forwards.',
    })
  }
  if (stdio === true) return { pipe: stdioService(signal) }
  if (echo === true) return { pipe: echoService, echo: echoService }
  if (exec !== undefined) return { pipe: execService(exec) }
  if (forward !== undefined) {
    return { pipe: forwardService(forward.host === '' ? '127.0.0.1' : forward.host, forward.port) }
  }
  return { 'file/1': serveFiles({ root: serve as string }) }
}

/** stdin and stdout go to one stream; a second one is told so. */
function stdioService(signal: AbortSignal): Service {
  let taken = false
  return async ({ accept, reader, stream }) => {
    if (taken) throw refusal('stdin and stdout are taken by another stream')
    taken = true
    accept()
    reader.release()
    await pumpStdio(stream, { signal })
  }
}
