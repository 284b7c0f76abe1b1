import { expect, it } from 'vitest'
import { concat, encodeCbor } from '../../../../src/lib/core/index.ts'
import { listFiles } from '../../../../src/lib/htx/service/file/index.ts'
import { hostileServer, itemOf } from '../../../support/raw-file-peer.ts'

it.each([253_402_300_800, 8_640_000_000_001, Number.MAX_SAFE_INTEGER])(
  'a modification time of %d seconds in a list can still be shown as a date',
  async (mtime) => {
    const entry = encodeCbor({ name: 'f', size: 1, mtime, dir: false })
    const pair = hostileServer(async ({ stream }) => {
      stream.end(itemOf(concat(Uint8Array.of(0x81), entry)))
    })
    const [listed] = await listFiles(pair.client, '', { clock: pair.clock })
    expect(new Date((listed?.mtime ?? Number.NaN) * 1000).toISOString()).toBe('9999-12-31T23:59:59.000Z')
  },
)
