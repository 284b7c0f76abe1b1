import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'
import { EXAMPLE_SETUPS } from '../support/example-setups.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

interface ManifestCommand {
  readonly id: string
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly (string | { readonly command: string })[]
}

const manifest = JSON.parse(readFileSync(join(REPOSITORY, 'oclif.manifest.json'), 'utf8')) as {
  readonly commands: Readonly<Record<string, ManifestCommand>>
}

const commands = Object.values(manifest.commands).map((command) => ({
  name: command.id.replaceAll(':', ' '),
  command,
}))

function examplesOf(command: ManifestCommand): string[] {
  const examples = command.examples ?? []
  return examples.map((example) =>
    (typeof example === 'string' ? example : example.command)
      .replaceAll('<%= config.bin %>', 'aiv')
      .replaceAll('<%= command.id %>', command.id.replaceAll(':', ' ')),
  )
}

/** The first thing a command that runs on says, as JSON or as text. */
const READY = /"event":"ready"|^ready\b/m

describe.each(commands)('aiv $name', ({ name, command }) => {
  it('has a summary, a description and two examples', () => {
    expect(command.summary).toMatch(/^\S.*\S$/)
    expect(command.description).toMatch(/\S/)
    expect(examplesOf(command).length).toBeGreaterThanOrEqual(2)
  })

  it('has a summary in the form of all others: lower case, no full stop', () => {
    expect(command.summary).toMatch(/^(?:[a-z]|[A-Z]{2}).*[^.]$/)
  })

  it.each(examplesOf(command))('%s', async (example) => {
    const setup = EXAMPLE_SETUPS[name] ?? {}
    const workplace = createWorkplace()
    const reason = await setup.prepare?.(workplace)
    if (reason !== undefined) {
      process.stdout.write(`skipped: ${example}: ${reason}\n`)
      return
    }
    const runsOn = setup.runsOn instanceof RegExp ? setup.runsOn.test(example) : setup.runsOn === true
    const bounds = runsOn ? { timeoutMs: 30_000, until: READY } : { timeoutMs: 50_000 }
    const { code, stdout, stderr } = await runShell(example, workplace, bounds)
    if (runsOn) expect(stdout + stderr).toMatch(READY)
    expect(setup.codes ?? [runsOn ? 130 : 0], stdout + stderr).toContain(code)
  })
})

it('a setup exists only for a command that exists', () => {
  expect(commands.map(({ name }) => name)).toEqual(expect.arrayContaining(Object.keys(EXAMPLE_SETUPS)))
})
