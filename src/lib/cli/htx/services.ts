/** What a listener serves, from its flags. */
import { AivError } from '../../core/index.ts'
import {
  type AcceptOptions,
  echoService,
  execService,
  forwardService,
  refusal,
  type Service,
  serveFiles,
} from '../../htx/index.ts'
import type { HostPort } from '../flags.ts'
import { pumpStdio } from './stdio.ts'

export interface ServiceFlags {
  readonly stdio?: boolean
  readonly echo?: boolean
  readonly exec?: string | undefined
  readonly forward?: HostPort | undefined
  readonly serve?: string | undefined
}

export type Services = AcceptOptions['services']

/** @throws AivError `E_USAGE` unless exactly one of the flags is there */
export function servicesOf(flags: ServiceFlags, signal: AbortSignal): Services {
  const { stdio, echo, exec, forward, serve } = flags
  const chosen = [
    stdio === true,
    echo === true,
    exec !== undefined,
    forward !== undefined,
    serve !== undefined,
  ]
  if (chosen.filter(Boolean).length !== 1) {
    throw new AivError('E_USAGE', 'a listener needs one service', {
      hint: 'Pass exactly one of --stdio, --echo, --exec, --forward and --serve.',
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
