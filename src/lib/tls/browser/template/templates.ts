/** The templates that are known, by their versions. */
import { AivError } from '../../../core/index.ts'
import chrome72 from './data/chrome/chrome-72.json' with { type: 'json' }
import chrome83 from './data/chrome/chrome-83.json' with { type: 'json' }
import chrome96 from './data/chrome/chrome-96.json' with { type: 'json' }
import chrome98 from './data/chrome/chrome-98.json' with { type: 'json' }
import chrome110 from './data/chrome/chrome-110.json' with { type: 'json' }
import chrome118 from './data/chrome/chrome-118.json' with { type: 'json' }
import chrome124 from './data/chrome/chrome-124.json' with { type: 'json' }
import chrome131 from './data/chrome/chrome-131.json' with { type: 'json' }
import chrome133 from './data/chrome/chrome-133.json' with { type: 'json' }
import chrome150 from './data/chrome/chrome-150.json' with { type: 'json' }
import chrome152 from './data/chrome/chrome-152.json' with { type: 'json' }
import chrome154 from './data/chrome/chrome-154.json' with { type: 'json' }
import chrome115Kyber from './data/chrome-variants/chrome-115-kyber.json' with { type: 'json' }
import chrome133Anchors from './data/chrome-variants/chrome-133-anchors.json' with { type: 'json' }
import chromeQuic110 from './data/chrome-variants/chrome-quic-110.json' with { type: 'json' }
import chromeQuic156 from './data/chrome-variants/chrome-quic-156.json' with { type: 'json' }
import firefox102 from './data/firefox/firefox-102.json' with { type: 'json' }
import firefox153 from './data/firefox/firefox-153.json' with { type: 'json' }
import type { Browser, HelloTemplate } from './template.ts'
import { parseTemplate } from './template-json.ts'

const DOCUMENTS: readonly unknown[] = [
  chrome72,
  chrome83,
  chrome96,
  chrome98,
  chrome110,
  chrome115Kyber,
  chrome118,
  chrome124,
  chrome131,
  chrome133,
  chrome133Anchors,
  chrome150,
  chrome152,
  chrome154,
  chromeQuic110,
  chromeQuic156,
  firefox102,
  firefox153,
]

const CAPTURE_HINT = ' A newer one can be captured: see `aiv utls template capture`.'

/** How far `n-2` lies behind the newest version. */
const BEHIND = 2

let parsed: readonly HelloTemplate[] | undefined

/** All of them, older before newer, field trials included. */
export function templates(): readonly HelloTemplate[] {
  parsed ??= DOCUMENTS.map(parseTemplate)
  return parsed
}

/** @throws AivError `E_USAGE` when there is none of that name */
export function templateById(id: string): HelloTemplate {
  const found = templates().find((template) => template.id === id)
  if (found !== undefined) return found
  throw new AivError('E_USAGE', `there is no template ${JSON.stringify(id)}`, {
    hint: 'See `aiv utls template list`.',
  })
}

/** The newest major version that a template stands for. */
export function newestMajor(browser: Browser): number {
  return Math.max(...ofBrowser(browser).map(({ versions }) => versions.last))
}

/**
 * @param version a major version, `latest`, or `n-2` for two before the newest
 * @throws AivError `E_USAGE` for anything else, and when no template stands for it
 */
export function templateOfVersion(browser: Browser, version: string): HelloTemplate {
  const major = majorOf(browser, version)
  // Where two share a version, because a change reached its users one after the other, the newer one is meant.
  const found = ofBrowser(browser).findLast(
    ({ versions: { first, last } }) => first <= major && major <= last,
  )
  if (found !== undefined) return found
  const known = ofBrowser(browser).map(({ versions: { first, last } }) => `${first} to ${last}`)
  throw new AivError('E_USAGE', `there is no template of ${browser} ${major}`, {
    hint: `Known are ${known.join(', ')}.${major > newestMajor(browser) ? CAPTURE_HINT : ''}`,
  })
}

function majorOf(browser: Browser, version: string): number {
  if (version === 'latest') return newestMajor(browser)
  if (version === `n-${BEHIND}`) return newestMajor(browser) - BEHIND
  if (/^[1-9][0-9]{0,3}$/.test(version)) return Number(version)
  throw new AivError('E_USAGE', `${JSON.stringify(version)} is no version of ${browser}`, {
    hint: 'Give a major version such as 156, latest, or n-2.',
  })
}

/** Those that a version can mean: a field trial is none of them, and a hello in QUIC is another thing. */
function ofBrowser(browser: Browser): readonly HelloTemplate[] {
  return templates().filter(
    (template) =>
      template.browser === browser && template.trial === undefined && template.transport === 'tcp',
  )
}
