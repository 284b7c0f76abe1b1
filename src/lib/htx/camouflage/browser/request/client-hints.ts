/**
 * The brands that Chrome names in sec-ch-ua. One of them is made up, and it and the order change with the version, so
 * that servers do not come to rely on either (WICG User-Agent Client Hints; Chromium's
 * components/embedder_support/user_agent_utils.cc).
 */

/** Between the words of the brand that is made up. */
const GREASE_CHARACTERS = [' ', '(', ':', '-', '.', '/', ')', ';', '=', '?', '_']
const GREASE_VERSIONS = ['8', '99', '24']
/** Places of the made-up brand, of Chromium, and of the product. */
const ORDERS: readonly (readonly number[])[] = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
]

/** @param product `Chromium` is a browser that has no other name */
export function brandList(major: number, product: string): string {
  const character = (offset: number): string =>
    GREASE_CHARACTERS[(major + offset) % GREASE_CHARACTERS.length] as string
  const madeUp = brand(
    `Not${character(0)}A${character(1)}Brand`,
    GREASE_VERSIONS[major % GREASE_VERSIONS.length] as string,
  )
  const chromium = brand('Chromium', String(major))
  if (product === 'Chromium') return (major % 2 === 0 ? [madeUp, chromium] : [chromium, madeUp]).join(', ')
  const order = ORDERS[major % ORDERS.length] as readonly number[]
  const listed: string[] = []
  for (const [index, each] of [madeUp, chromium, brand(product, String(major))].entries())
    listed[order[index] as number] = each
  return listed.join(', ')
}

function brand(name: string, version: string): string {
  return `"${name}";v="${version}"`
}
