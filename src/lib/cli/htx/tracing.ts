/** `--record` and `--keylog` of a command. */
import { systemClock } from '../../core/index.ts'
import { TraceFiles, type Tracer } from '../../htx/index.ts'
import type { Logger } from '../logger.ts'

export interface TraceFlags {
  readonly record?: string | undefined
  readonly keylog?: string | undefined
}

/**
 * What the flags ask for, with a warning of what it means.
 * @throws AivError `E_IO`, `E_PERMISSION` when a file cannot be written
 */
export function openTracer({ record, keylog }: TraceFlags, logger: Logger): Tracer | undefined {
  if (record === undefined && keylog === undefined) return undefined
  const tracer = new TraceFiles({
    ...(record === undefined ? {} : { record }),
    ...(keylog === undefined ? {} : { keylog }),
    clock: systemClock,
    onError: ({ code, message }) =>
      logger.error('what passes is no longer written down', { code, reason: message }),
  })
  if (keylog !== undefined)
    logger.warn(`whoever has ${keylog} and a recording can read these sessions; delete it when it has served`)
  if (record !== undefined) logger.warn(`everything that passes is written to ${record}`)
  return tracer
}
