/** What an SPDX 2 document says of itself, in the terms of a bill of materials. */
import { field, string, strings, tables } from '../../readers/parse/shape.ts'
import { flatDocument } from '../parts/document-fields.ts'
import type { Flat } from '../parts/extras.ts'
import { NO_EXPRESSION, NO_TEXT } from '../parts/license-notes.ts'
import { parseParty } from '../parts/texts/party.ts'
import { UNKNOWN_TIME_COMMENT, wholeSeconds } from '../parts/texts/time.ts'
import { parseTool } from '../parts/texts/tools.ts'

/** Of a document as the JSON encoding writes it. */
export function documentFields(root: unknown): Flat {
  const info = field(root, 'creationInfo')
  const creators = strings(field(info, 'creators'))
  const isTimeUnknown = field(info, 'comment') === UNKNOWN_TIME_COMMENT
  const licenses = tables(field(root, 'hasExtractedLicensingInfos')).flatMap((item) => {
    const [id, text, comment] = [string(item.licenseId), item.extractedText, item.comment]
    if (id === undefined || typeof text !== 'string') return []
    if (comment === NO_EXPRESSION || comment === NO_TEXT) return []
    return [{ id, name: string(item.name), text }]
  })
  return flatDocument({
    name: string(field(root, 'name')),
    created: isTimeUnknown ? undefined : wholeSeconds(string(field(info, 'created'))),
    authors: creators.flatMap((creator) => parseParty(creator) ?? []),
    tools: creators.flatMap((creator) => parseTool(creator) ?? []),
    lifecycles: [],
    dataLicense: string(field(root, 'dataLicense')),
    comment: string(field(root, 'comment')),
    extractedLicenses: licenses.length === 0 ? undefined : licenses,
  })
}
