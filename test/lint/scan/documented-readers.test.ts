import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { READERS } from '../../../src/lib/lint/readers/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'

it('the page about bills of materials lists every reader with its files', () => {
  const page = readFileSync(join(REPOSITORY, 'docs/sbom.md'), 'utf8')
  const rows = READERS.map(({ id, files }) => `| \`${id}\` | ${files.replaceAll('*', '\\*')} |`)
  for (const row of rows) expect(page).toContain(row)
})
