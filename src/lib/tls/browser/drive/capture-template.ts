/** A template from the hellos that a browser on this machine sends. */
import { AivError } from '../../../core/index.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { outerEch } from '../../hello/outer-ech.ts'
import { deriveTemplate } from '../derive/derive-template.ts'
import type { HelloTemplate } from '../template/template.ts'
import type { InstalledBrowser } from './find-browser.ts'
import type { RecordedHello } from './hello-recorder.ts'
import { type RecordOptions, recordHellos } from './record-hellos.ts'

const RUNS_MOST = 3
/** The chance that a size of ECH exists that no hello has shown. */
const UNSEEN_MOST = 0.001

export interface CapturedTemplate {
  readonly template: HelloTemplate
  readonly hellos: readonly RecordedHello[]
}

/** @throws AivError as {@link recordHellos} and {@link deriveTemplate} do */
export async function captureTemplate(
  browser: InstalledBrowser,
  options: RecordOptions,
): Promise<CapturedTemplate> {
  for (let run = 0; run < RUNS_MOST; run++) {
    const recorded = await recordHellos(browser, options)
    const hellos = recorded.map(({ hello }) => hello)
    if (unseenSizeChance(hellos) > UNSEEN_MOST) continue
    const source = `captured from ${browser.product} ${browser.version}`
    const template = deriveTemplate(hellos, { browser: browser.browser, major: browser.major, source })
    return { template, hellos: recorded }
  }
  throw new AivError('E_UNSUPPORTED', 'the hellos have too many sizes of ECH to see them all')
}

/**
 * Had ECH one more size than it showed, as likely as the others, then one of them all would have stayed unseen with at
 * most this probability.
 */
export function unseenSizeChance(hellos: readonly ClientHello[]): number {
  const sizes = hellos.flatMap((hello) => outerEch(hello)?.payloadBytes ?? [])
  const possible = new Set(sizes).size + 1
  return sizes.length === 0 ? 0 : possible * (1 - 1 / possible) ** sizes.length
}
