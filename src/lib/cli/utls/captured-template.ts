/** A captured template: what is written of it, and what people are told. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CapturedTemplate,
  diffTemplates,
  type HelloTemplate,
  type InstalledBrowser,
  templateDocument,
  templates,
} from '../../tls/index.ts'
import { writeOut } from '../io/write-out.ts'

/** As the templates of the project lie in their files. */
export function templateFile(template: HelloTemplate): string {
  return `${JSON.stringify(templateDocument(template), undefined, 2)}\n`
}

/** One file each, as it was sent, in the order of arrival. */
export async function writeHellos(folder: string, hellos: CapturedTemplate['hellos']): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [index, { bytes }] of hellos.entries())
    await writeOut(join(folder, `hello-${String(index + 1).padStart(3, '0')}.bin`), bytes)
}

/** Two lines. */
export function captureText({ template, hellos }: CapturedTemplate, browser: InstalledBrowser): string {
  const same = templates().find((known) => isSame(known, template))
  const verdict =
    same === undefined
      ? 'No known template has such hellos: `aiv utls template diff` says what is new.'
      : `Its hellos are those of ${same.id}.`
  return `${template.id} from ${hellos.length} hellos of ${browser.product} ${browser.version}\n${verdict}`
}

function isSame(known: HelloTemplate, template: HelloTemplate): boolean {
  return (
    known.browser === template.browser &&
    known.transport === template.transport &&
    diffTemplates(known, template).length === 0
  )
}
