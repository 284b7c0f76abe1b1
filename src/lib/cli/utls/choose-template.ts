/** Which template a user means: by browser and version, by its name, or in a file of their own. */
import { AivError, fromUtf8, isAivError } from '../../core/index.ts'
import { type HelloTemplate, parseTemplate, templateById, templateOfVersion } from '../../tls/index.ts'
import { readInput } from '../io/input.ts'

/** A template has a few kilobytes. */
const FILE_MOST = 1024 * 1024

export interface TemplateChoice {
  readonly chrome?: string | undefined
  readonly firefox?: string | undefined
  readonly template?: string | undefined
}

/** The newest Chrome when nothing is said. */
export async function chosenTemplate({ chrome, firefox, template }: TemplateChoice): Promise<HelloTemplate> {
  if (template !== undefined) return await namedTemplate(template)
  if (firefox !== undefined) return templateOfVersion('firefox', firefox)
  return templateOfVersion('chrome', chrome ?? 'latest')
}

/**
 * @param name of a known template, or of a file
 * @throws AivError `E_NOT_FOUND` when there is no such template, `E_INPUT` when the file cannot be read, `E_TOO_LARGE` or
 *   `E_MALFORMED` when it holds no template
 */
export async function namedTemplate(name: string): Promise<HelloTemplate> {
  if (!name.includes('/') && !name.endsWith('.json')) return templateById(name)
  return parsed(name, await readInput(name, { maxBytes: FILE_MOST }))
}

function parsed(name: string, bytes: Uint8Array): HelloTemplate {
  try {
    return parseTemplate(JSON.parse(fromUtf8(bytes)))
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !isAivError(cause, 'E_MALFORMED')) throw cause
    throw new AivError('E_MALFORMED', `${name} is no template: ${cause.message}`, {
      cause,
      hint: '`aiv utls template show chrome-154 --json` prints one.',
    })
  }
}
