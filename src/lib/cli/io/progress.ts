/** Progress of long work: a bar on a terminal, nothing in a pipe. The view is loaded only when there is one to see. */
import { resolveSetting } from '../settings/settings.ts'

export interface Progress {
  /** Sets how much is done, in the unit of `total`. */
  update(done: number): void
  /** Takes the bar away. */
  finish(): void
}

export interface ProgressOptions {
  /** A few words, such as a file's name. */
  readonly label: string
  /** How much there is; without it only the amount done is shown. */
  readonly total?: number
  readonly unit?: 'bytes' | 'items'
  readonly json: boolean
  readonly stream?: NodeJS.WriteStream
}

const NO_PROGRESS: Progress = { update() {}, finish() {} }

export async function startProgress(options: ProgressOptions): Promise<Progress> {
  const stream = options.stream ?? process.stderr
  if (options.json || !stream.isTTY) return NO_PROGRESS
  if ((await resolveSetting('progress')).value === 'never') return NO_PROGRESS
  const { showProgress } = await import('./progress-view.ts')
  return showProgress(options, stream)
}
