/** Adds one to the number in the file `count` of a folder, many times, each time under the lock of one unfinished file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Directory } from '../../../../../src/lib/htx/service/file/disk/directory.ts'
import { PartLock } from '../../../../../src/lib/htx/service/file/disk/part-lock.ts'
import { turns } from '../../../../support/file-exchange.ts'

const [folder, times] = process.argv.slice(2) as [string, string]
const directory = await Directory.openRoot(folder)
const count = join(folder, 'count')
for (let done = 0; done < Number(times); ) {
  const lock = PartLock.tryAcquire([directory], [], 'f.0123456789abcdef.part')
  if (lock !== undefined) {
    const before = Number(readFileSync(count, 'utf8'))
    await turns(1)
    writeFileSync(count, String(before + 1))
    lock.release()
    done++
  }
  await turns(1)
}
await directory.close()
