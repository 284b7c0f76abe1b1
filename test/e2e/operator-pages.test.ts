/** The pages that an operator reads: each is there, linked, and begins with commands that work when they are pasted. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

/** By what one of the commands must print. */
const PAGES: Readonly<Record<string, RegExp>> = {
  forwards: /^# HELP htx_/m,
  socks: /^# HELP htx_[\s\S]*not permitted/m,
  camouflage: /Our bread[\s\S]*QUIET WORDS[\s\S]*QUIET WORDS/,
  tickets: /connected in [\s\S]*no ticket, no answer/,
  resumption: /"resumed":true/,
  continuity: /^# HELP htx_[\s\S]*"event":"reconnected"/m,
  'pluggable-transport': /^SMETHOD htx 127\.0\.0\.1:\d+ ARGS:peer=[\s\S]*^Bridge htx /m,
  operations: /^htx_handshakes_total\{result="accepted"\} 1$[\s\S]*listen/m,
  decode: /STREAM[\s\S]*fits none|STREAM[\s\S]*exempt/,
  sbom: /good, key of[\s\S]*> express@5\.1\.0 > ms@2\.1\.3[\s\S]*2\.1\.4[\s\S]*older than the lockfile/,
  probing: /exit code 28: not a byte[\s\S]*and none for garbage[\s\S]*the right key/,
}

const curl = judge('curl')
const readme = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

describe.each(Object.entries(PAGES))('docs/%s.md', (name, printed) => {
  const page = readFileSync(join(REPOSITORY, 'docs', `${name}.md`), 'utf8')
  const [, script = ''] =
    /^## Try it (?:on one machine|without tor)$[\s\S]*?^```sh\n([\s\S]*?)^```$/m.exec(page) ?? []

  it('is linked from the README, for what an operator wants to do', () => {
    expect(readme).toContain(`](docs/${name}.md)`)
  })

  it.skipIf(script.includes('curl') && curl === undefined)('begins with commands that work', async () => {
    expect(script).not.toBe('')
    const { code, stdout, stderr } = await runShell(script, createWorkplace(), { timeoutMs: 50_000 })
    expect(code, stdout + stderr).toBe(0)
    expect(stdout).toMatch(printed)
  })
})
