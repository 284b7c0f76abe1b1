/** What an SPDX 3 document says of itself, in the terms of a bill of materials. */
import { array, field, string, strings } from '../../readers/parse/shape.ts'
import { flatDocument } from '../parts/document-fields.ts'
import type { Flat } from '../parts/extras.ts'
import { NO_EXPRESSION, NO_TEXT } from '../parts/license-notes.ts'
import { UNKNOWN_TIME_COMMENT, wholeSeconds } from '../parts/texts/time.ts'
import { parseTool } from '../parts/texts/tools.ts'
import { licenseText } from './license-text.ts'
import { partyOf, type Resolve } from './package-fields.ts'
import { lifecycleOf } from './vocabulary.ts'

export interface DocumentParts {
  readonly document: unknown
  readonly sbom: unknown
  readonly creationInfo: unknown
  /** Elements among which the texts of licenses are. */
  readonly texts: readonly unknown[]
}

export function documentFields(
  { document, sbom, creationInfo, texts }: DocumentParts,
  resolve: Resolve,
): Flat {
  const created = wholeSeconds(string(field(creationInfo, 'created')))
  const isTimeUnknown = field(creationInfo, 'comment') === UNKNOWN_TIME_COMMENT
  const licenses = extractedIn(texts)
  return flatDocument({
    name: string(field(document, 'name')) ?? string(field(sbom, 'name')),
    created: isTimeUnknown ? undefined : created,
    authors: array(field(creationInfo, 'createdBy')).flatMap((agent) => partyOf(resolve(agent)) ?? []),
    tools: array(field(creationInfo, 'createdUsing')).flatMap((tool) => {
      const name = string(field(resolve(tool), 'name'))
      return (name === undefined ? undefined : parseTool(`Tool: ${name}`)) ?? []
    }),
    lifecycles: strings(field(sbom, 'software_sbomType')).flatMap((word) => lifecycleOf(word) ?? []),
    dataLicense: licenseText(field(document, 'dataLicense'), resolve),
    comment: string(field(document, 'comment')),
    extractedLicenses: licenses.length === 0 ? undefined : licenses,
  })
}

/** Expressions say which identifier stands for which text; without one it is the end of the text's own name. */
function extractedIn(elements: readonly unknown[]): readonly unknown[] {
  const keys = new Map<string, string>()
  for (const element of elements)
    for (const entry of array(field(element, 'simplelicensing_customIdToUri'))) {
      const [key, value] = [string(field(entry, 'key')), string(field(entry, 'value'))]
      if (key !== undefined && value !== undefined) keys.set(value, key)
    }
  return elements.flatMap((element) => {
    const spdxId = string(field(element, 'spdxId')) ?? ''
    const text = field(element, 'simplelicensing_licenseText')
    const note = field(element, 'comment')
    if (typeof text !== 'string' || note === NO_EXPRESSION || note === NO_TEXT) return []
    const id = keys.get(spdxId) ?? /LicenseRef-[A-Za-z0-9.-]+$/.exec(spdxId)?.[0]
    return id === undefined ? [] : [{ id, name: string(field(element, 'name')), text }]
  })
}
