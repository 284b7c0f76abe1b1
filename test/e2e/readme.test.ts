import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

function blocks(language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm')
  return [...readme.matchAll(fence)].map(([, body]) => body as string)
}

it('begins with the two lines that show and test everything', () => {
  expect(readme).toMatch(/^```bash\nnpm ci && npx aiv demo\nnpm ci && npm test\n```\n/)
})

it('is tested by continuous integration with exactly its own test line', () => {
  expect(readFileSync(join(REPOSITORY, '.ci', 'run'), 'utf8')).toContain('\nnpm ci && npm test\n')
})

it('has every command in a block that this test runs', () => {
  const fences = [...readme.matchAll(/^```(\w*)$/gm)]
    .map(([, language]) => language)
    .filter((word) => word !== '')
  expect(new Set(fences)).toEqual(new Set(['bash', 'sh']))
  expect(blocks('bash')).toHaveLength(1)
})

it('its examples run as they are printed, one after the other', async () => {
  const workplace = createWorkplace()
  const examples = blocks('sh')
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    const { code, stdout, stderr } = await runShell(example, workplace)
    expect(code, `${example}\n${stdout}${stderr}`).toBe(0)
  }
})
