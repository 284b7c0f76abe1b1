/** Writes a bill of materials in any of the formats; each is loaded when it is asked for. */
import type { Bom } from '../bom/index.ts'
import type { BomFormat } from './document.ts'
import { formatJson } from './parts/texts/json-text.ts'
import { withoutPasswords } from './parts/texts/passwords.ts'

/**
 * The same bill gives the same bytes. What a format has no field for is written beside as named texts, so that
 * {@link readBom} finds it again.
 */
export async function writeBom(given: Bom, format: BomFormat): Promise<string> {
  const bom = withoutPasswords(given)
  switch (format) {
    case 'spdx-json':
      return formatJson((await import('./spdx2/from-bom.ts')).spdxDocument(bom))
    case 'spdx-tv': {
      const [{ spdxDocument }, { formatTagValue }] = await Promise.all([
        import('./spdx2/from-bom.ts'),
        import('./spdx2/tag-value-write.ts'),
      ])
      return formatTagValue(spdxDocument(bom))
    }
    case 'spdx3-json':
      return formatJson((await import('./spdx3/from-bom.ts')).spdx3Document(bom))
    case 'cdx-json':
      return formatJson((await import('./cyclonedx/from-bom.ts')).cycloneDxDocument(bom, '1.6'))
    case 'cdx-json@1.7':
      return formatJson((await import('./cyclonedx/from-bom.ts')).cycloneDxDocument(bom, '1.7'))
  }
}
