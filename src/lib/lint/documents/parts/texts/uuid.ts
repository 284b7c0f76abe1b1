/** UUIDs of version 5 (RFC 9562 §5.5): made from content, so that the same document has the same name every time. */
import { concat, fromHex, toHex, utf8 } from '../../../../core/index.ts'
import { sha1 } from '../../../../crypto/digest.ts'

/** The namespace for URLs, RFC 9562 §6.6. */
const URL_NAMESPACE = fromHex('6ba7b8119dad11d180b400c04fd430c8')

/** @param url what names the kind of content; @param content everything that tells two documents apart */
export function contentUuid(url: string, content: string): string {
  const bytes = sha1(concat(URL_NAMESPACE, utf8(`${url}\n${content}`))).slice(0, 16)
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x50
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}
