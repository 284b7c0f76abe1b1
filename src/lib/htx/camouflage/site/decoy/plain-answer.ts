/** Short pages for answers that have none of their own. */
import { STATUS_CODES } from 'node:http'
import { utf8 } from '../../../../core/index.ts'
import type { HeaderFields, SiteAnswer } from '../site-request.ts'

/** @param fields before those of the page */
export function plainAnswer(status: number, fields: HeaderFields = []): SiteAnswer {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`.trim()
  const body = utf8(
    `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`,
  )
  return {
    status,
    fields: [...fields, ['Content-Type', 'text/html'], ['Content-Length', String(body.length)]],
    body,
  }
}
