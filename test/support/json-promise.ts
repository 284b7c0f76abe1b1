/** JSON output only gains fields: what a recorded sample has, later versions have too. */

/** What of the promise of `sample` is not kept, as paths of fields. */
export function broken(sample: unknown, actual: unknown, path = '$'): string[] {
  if (Array.isArray(sample)) {
    if (!Array.isArray(actual)) return [`${path} is no array`]
    return sample.flatMap((item, i) => (i < actual.length ? broken(item, actual[i], `${path}[${i}]`) : []))
  }
  if (typeof sample === 'object' && sample !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path} is no object`]
    return Object.entries(sample).flatMap(([key, value]) =>
      key in actual
        ? broken(value, Reflect.get(actual, key), `${path}.${key}`)
        : [`${path}.${key} is missing`],
    )
  }
  return typeof sample === typeof actual ? [] : [`${path} is ${typeof actual}, was ${typeof sample}`]
}
