/** Runs the transfers of one command: several at once, with progress, again after a cut, each with its own outcome. */
import { AivError, isAivError } from '../../../core/index.ts'
import { type FileResult, type HtxSession, transferAll } from '../../../htx/index.ts'
import { startProgress } from '../../io/progress.ts'
import type { Fields } from '../../output.ts'
import type { ClientFlags, CommandContext } from '../endpoint.ts'
import { isTransient, withRetries } from './retry.ts'

export interface Transfer {
  /** Unique in this command. */
  readonly name: string
  /** Bytes, where it is known before the start. */
  readonly size?: number
  run(session: HtxSession, progress: (bytesDone: number) => void): Promise<FileResult>
}

export interface TransferFlags extends ClientFlags {
  readonly parallel: number
  readonly retry: number
}

export interface TransferOutput {
  readonly json: boolean
  readonly label: string
  note(line: string): void
}

export interface TransferReport {
  readonly done: readonly FileResult[]
  readonly failed: readonly { readonly name: string; readonly error: AivError }[]
}

/**
 * @param plan lists what is to do, once a session is there
 * @throws AivError when the way to the peer fails for good; a file that fails for itself is in the report
 */
export async function runTransfers(
  address: string,
  flags: TransferFlags,
  context: CommandContext,
  output: TransferOutput,
  plan: (session: HtxSession) => Promise<readonly Transfer[]>,
): Promise<TransferReport> {
  const done = new Map<string, FileResult>()
  const failed = new Map<string, AivError>()
  const moved = new Map<string, number>()
  let transfers: readonly Transfer[] | undefined
  let progress: Awaited<ReturnType<typeof startProgress>> | undefined
  const show = (): void => {
    let bytes = 0
    for (const each of moved.values()) bytes += each
    progress?.update(bytes)
  }
  const retry = {
    attempts: flags.retry,
    onRetry: (error: AivError, pauseMs: number) =>
      output.note(`${error.message}; connecting again in ${pauseMs} ms`),
  }
  try {
    await withRetries(address, flags, context, retry, async (session, progressed) => {
      transfers ??= distinct(await plan(session))
      progress ??= await startProgress({
        label: output.label,
        total: transfers.reduce((sum, { size = 0 }) => sum + size, 0),
        unit: 'bytes',
        json: output.json,
      })
      const left = transfers.filter(({ name }) => !done.has(name) && !failed.has(name))
      let cut: AivError | undefined
      const outcomes = await transferAll(left, flags.parallel, async (transfer) => {
        // The link is gone: what has not begun waits for the next one.
        if (cut !== undefined) return
        try {
          const result = await transfer.run(session, (bytesDone) => {
            if (bytesDone > (moved.get(transfer.name) ?? 0)) progressed()
            moved.set(transfer.name, bytesDone)
            show()
          })
          done.set(transfer.name, result)
          progressed()
        } catch (error) {
          if (!isAivError(error)) throw error
          if (!session.isOpen || isTransient(error)) cut ??= error
          else failed.set(transfer.name, error)
        }
      })
      for (const outcome of outcomes) if (!outcome.ok) throw outcome.error
      if (cut !== undefined) throw cut
    })
  } finally {
    progress?.finish()
  }
  return {
    done: [...done.values()],
    failed: [...failed].map(([name, error]) => ({ name, error })),
  }
}

/** @throws AivError `E_USAGE` when two files would have one name */
function distinct(transfers: readonly Transfer[]): readonly Transfer[] {
  const names = new Set<string>()
  for (const { name } of transfers) {
    if (names.has(name)) throw new AivError('E_USAGE', `two files would have the name ${name}`)
    names.add(name)
  }
  return transfers
}

/** A transfer as the JSON of the commands names it. */
export function describeFile({ name, size, resumedFrom, sha256 }: FileResult): Fields {
  return { name, size, resumed_from: resumedFrom, sha256 }
}
