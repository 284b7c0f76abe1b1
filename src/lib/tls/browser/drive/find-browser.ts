/** Which browser is on this machine, and of which version. */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { AivError, type TimerClock } from '../../../core/index.ts'
import type { Browser } from '../template/template.ts'
import { ProcessGroup } from './process-group.ts'

/** Programs that go by these names, the first that is there is taken. */
const PROGRAMS: ReadonlyMap<string, readonly string[]> = new Map([
  ['chromium', ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']],
  ['chrome', ['google-chrome', 'google-chrome-stable', 'chromium', 'chromium-browser']],
  ['firefox', ['firefox', 'firefox-esr']],
])

/** As the programs call themselves. Others that are built from the same code may send other hellos. */
const PRODUCTS: readonly (readonly [name: RegExp, browser: Browser])[] = [
  [/^(?:Chromium|Google Chrome)\b/, 'chrome'],
  [/^Mozilla Firefox\b/, 'firefox'],
]
const VERSION = /^(\D{1,80}?)\s*((\d{1,4})(?:\.\d{1,9}){0,4}\w{0,10})/

export interface InstalledBrowser {
  readonly browser: Browser
  readonly path: string
  /** Such as `Chromium`. */
  readonly product: string
  /** Such as `156.0.8078.79`. */
  readonly version: string
  readonly major: number
}

export interface FindBrowserOptions {
  readonly clock: TimerClock
  /** How long it may take to say its version, milliseconds. */
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
}

/**
 * @param name `chromium`, `chrome`, `firefox`, another program on the PATH, or a path
 * @throws AivError `E_DEPENDENCY_MISSING` when it is not there, `E_UNSUPPORTED` when it is neither Chromium nor Firefox,
 *   `E_TIMEOUT` when it does not say what it is
 */
export async function findBrowser(name: string, options: FindBrowserOptions): Promise<InstalledBrowser> {
  const path = await programPath(name)
  if (path === undefined)
    throw new AivError('E_DEPENDENCY_MISSING', `this machine has no ${name}`, {
      hint: "Install Debian's chromium or firefox-esr, or give the path of a browser.",
    })
  const line = await versionLine(path, options)
  const [, product = '', version = '', major = ''] = VERSION.exec(line) ?? []
  const [, browser] = PRODUCTS.find(([pattern]) => pattern.test(product)) ?? []
  if (browser === undefined)
    throw new AivError(
      'E_UNSUPPORTED',
      `${path} is neither Chromium nor Firefox: it says ${JSON.stringify(line)}`,
    )
  return { browser, path, product, version, major: Number(major) }
}

async function programPath(name: string): Promise<string | undefined> {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '')
  const paths = name.includes('/')
    ? [name]
    : (PROGRAMS.get(name) ?? [name]).flatMap((program) => folders.map((folder) => join(folder, program)))
  for (const path of paths) if (await isExecutable(path)) return path
  return undefined
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** The first line that it prints. */
async function versionLine(path: string, { clock, withinMs, signal }: FindBrowserOptions): Promise<string> {
  const program = ProcessGroup.start(path, ['--version'], { env: process.env })
  const late = Promise.withResolvers<never>()
  const cancel = clock.schedule(withinMs, () =>
    late.reject(new AivError('E_TIMEOUT', `${path} does not say its version`)),
  )
  const onAbort = (): void => late.reject(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    signal?.throwIfAborted()
    await Promise.race([program.closed, late.promise])
  } finally {
    cancel()
    signal?.removeEventListener('abort', onAbort)
    program.kill()
  }
  return program.printed.split('\n', 1)[0]?.trim() ?? ''
}
