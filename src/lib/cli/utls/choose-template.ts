/** Which template a user means: by browser and version, by its name, or in a file of their own. */
import { readFile } from 'node:fs/promises'
import { AivError, isAivError } from '../../core/index.ts'
import { type HelloTemplate, parseTemplate, templateById, templateOfVersion } from '../../tls/index.ts'

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
 * @throws AivError `E_NOT_FOUND` when it is neither, `E_MALFORMED` for a file that holds no template
 */
export async function namedTemplate(name: string): Promise<HelloTemplate> {
  if (!name.includes('/') && !name.endsWith('.json')) return templateById(name)
  let text: string
  try {
    text = await readFile(name, 'utf8')
  } catch (cause) {
    throw new AivError('E_INPUT', `cannot read ${name}: ${(cause as Error).message}`, { cause })
  }
  if (text.length > FILE_MOST) throw new AivError('E_TOO_LARGE', `${name} is no template: it is too large`)
  return parsed(name, text)
}

function parsed(name: string, text: string): HelloTemplate {
  try {
    return parseTemplate(JSON.parse(text))
  } catch (cause) {
    if (!(cause instanceof SyntaxError) && !isAivError(cause, 'E_MALFORMED')) throw cause
    throw new AivError('E_MALFORMED', `${name} is no template: ${cause.message}`, {
      cause,
      hint: '`aiv utls template show chrome-154 --json` prints one.',
    })
  }
}
