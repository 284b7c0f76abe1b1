/** How long a bill of materials takes, from the start of the process to the last byte of the document. */
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AivError } from '../../core/index.ts'
import { type Measurement, runProcess } from './measurement.ts'
import { AXIOS_SIZE, type LockSize, MEDIUM_SIZE, sampleLock } from './sample-lock.ts'

/** A lockfile as large as that of axios, or the one that the user names. */
export const sbomAxios: Measurement = sbomMeasurement('sbom.axios', AXIOS_SIZE)
export const sbom700: Measurement = sbomMeasurement('sbom.700', MEDIUM_SIZE)

function sbomMeasurement(name: string, size: LockSize): Measurement {
  return {
    name,
    unit: 'ms',
    processes: 1,
    quote: 'p50',
    async start(context) {
      const folder = context.folder()
      const file = join(folder, 'package-lock.json')
      const made = size !== AXIOS_SIZE || context.lock === undefined
      if (made) writeFileSync(file, sampleLock(size))
      else copyFileSync(context.lock as string, file)
      const take = async () => {
        const { ms, stdout } = await runProcess(
          ['lint', 'sbom', folder, '--format', 'cdx-json'],
          folder,
          context,
        )
        const { components } = JSON.parse(stdout) as { readonly components: readonly unknown[] }
        if (made && components.length !== size.packages)
          throw new AivError(
            'E_INTERNAL',
            `there are ${components.length} components and not ${size.packages}`,
          )
        return { values: [ms], bytes: Buffer.byteLength(stdout), fields: { components: components.length } }
      }
      await take()
      return take
    },
  }
}
