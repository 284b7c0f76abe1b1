/** Runs a browser once and keeps its hellos. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { AivError, type TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { capturePage } from './capture-page.ts'
import type { InstalledBrowser } from './find-browser.ts'
import { HelloGathering } from './hello-gathering.ts'
import { HelloRecorder, type RecordedHello } from './hello-recorder.ts'
import { ProcessGroup } from './process-group.ts'
import { mapsPorts, prepareBrowser } from './start-browser.ts'
import { inTemporaryFolder } from './temporary-folder.ts'

/** A browser that has not greeted everybody by then does not run. */
const RUN_MOST_MS = 30_000
/** A killed process is gone after milliseconds. */
const END_MOST_MS = 5_000

export interface RecordOptions {
  readonly clock: TimerClock
  readonly signal?: AbortSignal | undefined
  /** Chromium serves root without its sandbox only. */
  readonly isRoot: boolean
}

/**
 * Nothing leaves the machine. The browser and its folder are gone afterwards, whatever happens.
 * @throws AivError `E_UNSUPPORTED` on Windows, `E_TIMEOUT`, or `E_IO` when the browser ends by itself; what `signal` was aborted with
 */
export async function recordHellos(
  browser: InstalledBrowser,
  { clock, signal, isRoot }: RecordOptions,
): Promise<readonly RecordedHello[]> {
  if (process.platform === 'win32')
    throw new AivError(
      'E_UNSUPPORTED',
      'capturing from a browser needs process groups, which Windows does not have',
    )
  const page = capturePage(systemRandom)
  const gathering = new HelloGathering(page, clock)
  const recorder = await HelloRecorder.listen((hello) => gathering.take(hello))
  const { port } = recorder
  try {
    return await inTemporaryFolder(async (folder) => {
      const pagePath = join(folder, 'page.html')
      await writeFile(pagePath, page.html(mapsPorts(browser.browser) ? undefined : port))
      const pageUrl = pathToFileURL(pagePath).href
      const start = await prepareBrowser(browser.browser, { folder, pageUrl, port, isRoot })
      signal?.throwIfAborted()
      const group = ProcessGroup.start(browser.path, start.args, start)
      try {
        await untilComplete(gathering, group, clock, signal)
      } finally {
        group.kill()
        await atMost(END_MOST_MS, group.closed, clock)
      }
      return gathering.hellos
    })
  } finally {
    gathering.stop()
    recorder.close()
  }
}

async function untilComplete(
  gathering: HelloGathering,
  group: ProcessGroup,
  clock: TimerClock,
  signal: AbortSignal | undefined,
): Promise<void> {
  const stop = Promise.withResolvers<never>()
  const onAbort = (): void => stop.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const cancel = clock.schedule(RUN_MOST_MS, () =>
    stop.reject(
      new AivError('E_TIMEOUT', `the browser has not opened ${gathering.missing} of its connections`),
    ),
  )
  const ended = group.closed.then(() => {
    throw new AivError('E_IO', `the browser ended by itself: ${group.lastComplaint || 'it says nothing'}`)
  })
  try {
    await Promise.race([gathering.complete, ended, stop.promise])
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
    // It ends in any case now, and that is no failure any more.
    ended.catch(() => {})
  }
}

async function atMost(ms: number, ended: Promise<void>, clock: TimerClock): Promise<void> {
  const late = Promise.withResolvers<void>()
  const cancel = clock.schedule(ms, late.resolve)
  await Promise.race([ended.catch(() => {}), late.promise])
  cancel()
}
