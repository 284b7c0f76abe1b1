/** Makes a template from hellos that a browser has sent. */
import { AivError, EMPTY, isAivError } from '../../../core/index.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { EXTENSION, extensionBody } from '../../hello/extensions.ts'
import { isGrease } from '../../hello/grease.ts'
import { masked, sameCodes } from '../match/code-lists.ts'
import { isRequired } from '../match/compare-extensions.ts'
import { compareHello } from '../match/compare-hello.ts'
import type { Browser, Code, ExtensionTemplate, HelloTemplate } from '../template/template.ts'
import { parseTemplate, templateDocument } from '../template/template-json.ts'
import { contentOf } from './extension-content.ts'
import { orderOf } from './extension-order.ts'
import { undescribed } from './undescribed.ts'

/** One hello says nothing about what the next one will do. */
const HELLOS_LEAST = 2

export interface TemplateOrigin {
  readonly browser: Browser
  readonly major: number
  /** Where the hellos come from, for people: at most 500 characters in one line. */
  readonly source: string
}

/**
 * @param hellos of one run of the browser: what it draws at its start has to be the same in all. Those that resume
 *   a session are passed over
 * @throws AivError `E_INPUT` for fewer than two hellos, `E_UNSUPPORTED` when they follow no rule that a template can
 *   say, with what is in the way
 */
export function deriveTemplate(
  hellos: readonly ClientHello[],
  { browser, major, source }: TemplateOrigin,
): HelloTemplate {
  const fresh = hellos.filter((hello) => !has(hello, EXTENSION.preSharedKey))
  if (fresh.length < HELLOS_LEAST)
    throw new AivError(
      'E_INPUT',
      `a template needs ${HELLOS_LEAST} hellos or more, there are ${fresh.length}`,
    )
  const { order, extensions } = extensionsOf(fresh)
  const template: HelloTemplate = {
    id: `${browser}-${major}`,
    browser,
    transport: 'tcp',
    versions: { first: major, last: major },
    source,
    extensionOrder: order,
    cipherSuites: suitesOf(fresh),
    extensions,
  }
  for (const hello of fresh) {
    const [tell] = compareHello(hello, template)
    if (tell !== undefined) throw undescribed(`${tell.field}: ${tell.found} is not ${tell.expected}`)
  }
  return asWritten(template)
}

/** What comes back from its document: what that cannot hold is found now, and not by who reads it. */
function asWritten(template: HelloTemplate): HelloTemplate {
  try {
    return parseTemplate(templateDocument(template))
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw undescribed(error.message)
  }
}

function suitesOf(hellos: readonly ClientHello[]): readonly Code[] {
  const lists = hellos.map(({ cipherSuites }) => masked(cipherSuites))
  const [first = []] = lists
  if (lists.every((list) => sameCodes(list, first))) return first
  throw undescribed('the cipher suites are others in each hello')
}

function extensionsOf(hellos: readonly ClientHello[]): {
  readonly order: HelloTemplate['extensionOrder']
  readonly extensions: readonly ExtensionTemplate[]
} {
  const { order, types } = orderOf(hellos)
  const greaseBodies = greaseBodiesOf(hellos)
  let grease = 0
  const extensions = types.map((type): ExtensionTemplate => {
    if (type !== 'GREASE') return extensionOf(type, hellos)
    return { type, content: { kind: 'fixed', body: greaseBodies[grease++] ?? EMPTY } }
  })
  return { order, extensions }
}

function extensionOf(type: number, hellos: readonly ClientHello[]): ExtensionTemplate {
  const extension: ExtensionTemplate = { type, content: contentOf(type, hellos) }
  const isOptional = hellos.some((hello) => isRequired(extension, hello) && !has(hello, type))
  return isOptional ? { ...extension, optional: true } : extension
}

function has(hello: ClientHello, type: number): boolean {
  return extensionBody(hello, type) !== undefined
}

/** Those of the first hello, which the comparison in the end finds in the others. */
function greaseBodiesOf([first]: readonly ClientHello[]): readonly Uint8Array[] {
  const extensions = first?.extensions ?? []
  return extensions.filter(({ type }) => isGrease(type)).map(({ body }) => body)
}
