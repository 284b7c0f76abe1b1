import { AivError } from '../core/index.ts'

/** @throws AivError `E_ABORTED` when the signal has fired */
export function checkNotAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new AivError('E_ABORTED', 'aborted', { cause: signal.reason })
}
