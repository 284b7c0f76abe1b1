/** A session that begins with a ticket of an earlier one. */
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ResumptionFile } from '../../../src/lib/htx/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { connectTo, startListener } from '../endpoint/endpoints.ts'

describe('resuming', () => {
  it('takes the second session from the tickets of the first', async () => {
    const running = await startListener()
    const path = join(temporaryFolder(), 'tickets.json')
    const resumption = new ResumptionFile(path, { clock: running.clock })
    const first = await connectTo(running, { resumption })
    await first.ping()
    await first.close()
    expect(first.description).toMatchObject({ resumed: false })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(2)
    const second = await connectTo(running, { resumption })
    await second.ping()
    expect(second.description.resumed).toBe(true)
    expect(running.sessions[1]?.description).toMatchObject({ resumed: true, peer: running.sessions[0]?.peer })
    await second.close()
    expect(JSON.parse(readFileSync(path, 'utf8'))).toHaveLength(2)
  })
})
