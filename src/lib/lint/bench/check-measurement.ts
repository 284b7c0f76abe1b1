/** How many files a second are judged, from the start of the process to the end of the report. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AivError } from '../../core/index.ts'
import { type Measurement, runProcess } from './measurement.ts'

/** Enough for the start of the process to be a small part. */
const FILES = 2000

export const checkCold: Measurement = {
  name: 'check.cold',
  unit: 'files/s',
  processes: 1,
  quote: 'p50',
  async start(context) {
    const folder = context.folder()
    for (let i = 0; i < FILES; i += 1) writeFileSync(join(folder, `${i}.cdx.json`), smallDocument(i))
    const take = async () => {
      const { ms, stdout } = await runProcess(['lint', '.', '--json', '--fail-on', 'never'], folder, context)
      const report = JSON.parse(stdout) as { readonly files: readonly string[] }
      if (report.files.length !== FILES)
        throw new AivError('E_INTERNAL', `${report.files.length} files were judged and not ${FILES}`)
      return { values: [FILES / (ms / 1000)], fields: { files: FILES } }
    }
    await take()
    return take
  },
}

/** A document of one package, other than every other one. */
function smallDocument(i: number): string {
  const version = `1.0.${i}`
  const purl = `pkg:npm/part@${version}`
  return JSON.stringify({
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:00000000-0000-4000-8000-${String(i).padStart(12, '0')}`,
    version: 1,
    metadata: {
      timestamp: '2023-11-14T22:13:20Z',
      authors: [{ name: 'Ada' }],
      component: { type: 'application', 'bom-ref': 'top', name: `product-${i}`, version },
    },
    components: [{ type: 'library', 'bom-ref': purl, name: 'part', version, purl }],
    dependencies: [{ ref: 'top', dependsOn: [purl] }],
  })
}
