/** The name that a server shows in the open (RFC 9849 section 6.1.7). */

/** LDH label (RFC 5890 section 2.3.1). */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
/** What a URL parser takes for the last number of an IPv4 address. */
const NUMBER = /^(?:[0-9]+|0x[0-9a-f]*)$/i
/** Octets of a name in the DNS, as text (RFC 1035 section 2.3.4). */
const NAME_MOST = 253

/** A host name in preferred syntax that nobody can take for an IPv4 address. */
export function isPublicName(name: string): boolean {
  const labels = name.split('.')
  return (
    name.length <= NAME_MOST &&
    labels.every((label) => LABEL.test(label)) &&
    !NUMBER.test(labels.at(-1) as string)
  )
}
