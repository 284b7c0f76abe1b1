/** The page on packets is a promise: its commands run as they are printed, and print what it says. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeGeometry, userBytesWithSurb } from '../../src/lib/sphinx/index.ts'
import { REPOSITORY } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

const page = readFileSync(join(REPOSITORY, 'docs', 'mix.md'), 'utf8')

it('its commands carry a message there and an answer back', { timeout: 60_000 }, async () => {
  const blocks = [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, body]) => body as string)
  expect(blocks).toHaveLength(2)
  const { code, stdout, stderr } = await runShell(blocks.join('\n'), createWorkplace())
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^hello from afar$/m)
  expect(stdout).toMatch(/^hello back$/m)
})

it('its table has the sizes of the packets', () => {
  const rows = [...page.matchAll(/^\| (kem|nike) \| (\d) \| (.*) \|$/gm)]
  expect(rows).toHaveLength(4)
  for (const [, format, hops, sizes] of rows) {
    const geometry = makeGeometry({ format: format as 'kem' | 'nike', hops: Number(hops) })
    const { headerBytes, surbBytes, payloadBytes } = geometry
    expect([headerBytes, surbBytes, payloadBytes, userBytesWithSurb(geometry)].join(' | ')).toBe(sizes)
  }
})
