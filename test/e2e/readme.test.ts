import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { REPOSITORY, temporaryFolder } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

const END_OF_BLOCK = '-- end of block --'
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
  // `text` is what the block before it prints; `ts` is a program, `yaml` a workflow: both run in tests of their own.
  expect(new Set(fences)).toEqual(new Set(['bash', 'sh', 'text', 'ts', 'yaml']))
  expect(blocks('bash')).toHaveLength(1)
})

it('its examples run as they are printed, one after the other, and print what it says', async () => {
  const examples = blocks('sh')
  expect(examples.length).toBeGreaterThan(0)
  // One shell for all, as a reader has it: what one block starts in the background serves the next.
  const script = examples.map((example) => `${example}\necho '${END_OF_BLOCK}'`).join('\n')
  const { code, stdout, stderr } = await runShell(script, createWorkplace(), { timeoutMs: 120_000 })
  expect(code, stdout + stderr).toBe(0)
  const printed = stdout.split(`${END_OF_BLOCK}\n`)
  for (const [index, example] of examples.entries()) {
    for (const line of expectedOutput(example)) expect(printed[index]).toContain(line)
  }
}, 130_000)

it('its program prints what the peer sent back', async () => {
  const [program] = blocks('ts')
  const library = pathToFileURL(join(REPOSITORY, 'dist', 'lib', 'index.js')).href
  const folder = temporaryFolder()
  const path = join(folder, 'program.mjs')
  writeFileSync(path, (program as string).replace("'aivillage'", `'${library}'`))
  const { status, stdout, stderr } = spawnSync(process.execPath, [path], {
    encoding: 'utf8',
    timeout: 30_000,
  })
  expect(status, stderr).toBe(0)
  expect(stdout).toBe('hello\n')
})

/** The lines of the `text` block that follows an example. */
function expectedOutput(example: string): string[] {
  const after = readme.slice(readme.indexOf(example) + example.length)
  const [, text] = /^```\n\n```text\n([\s\S]*?)^```$/m.exec(after) ?? []
  const follows = after.startsWith('```\n\n```text\n')
  return follows && text !== undefined ? text.trimEnd().split('\n') : []
}
