/** Templates grow old: whoever imitates a browser that nobody has any more stands out. */
import { isAivError, systemClock } from '../../core/index.ts'
import { findBrowser, newestMajor } from '../../tls/index.ts'
import type { Logger } from '../logger.ts'
import type { TemplateChoice } from './choose-template.ts'

/** How far the newest template may lie behind the browser of this machine, major versions. */
const BEHIND_MOST = 2
/** How long a command waits for the browser to say its version, milliseconds. */
const WITHIN_MS = 1_000

/** Who names a version, a template or Firefox knows what they get. */
export function followsNewest({ chrome = 'latest', firefox, template }: TemplateChoice): boolean {
  return firefox === undefined && template === undefined && !/^[0-9]+$/.test(chrome)
}

/** Silent where there is no Chromium to compare with. */
export async function warnOfDrift(logger: Logger, signal: AbortSignal): Promise<void> {
  const newest = newestMajor('chrome')
  try {
    const { product, major } = await findBrowser('chromium', {
      clock: systemClock,
      withinMs: WITHIN_MS,
      signal,
    })
    if (major - newest <= BEHIND_MOST) return
    logger.warn(
      `the newest template is of Chrome ${newest}, but this machine has ${product} ${major}: make one with \`aiv utls template capture\``,
    )
  } catch (error) {
    if (!isAivError(error)) throw error
  }
}
