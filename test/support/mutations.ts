/** Small changes to JSON documents, from a seed, for comparing two judges. */

/** A generator of numbers from 0 up to a bound; the same seed gives the same numbers. */
export function seeded(seed: number): (bound: number) => number {
  let state = seed >>> 0
  return (bound) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) % bound
  }
}

type Json = unknown

/** Every object and array of the document with its keys, in order. */
function containers(value: Json): (Record<string, Json> | Json[])[] {
  if (typeof value !== 'object' || value === null) return []
  return [value as Record<string, Json>, ...Object.values(value).flatMap(containers)]
}

/**
 * One change at a random place: a field goes, is misspelt or gets another value.
 * @param values that a field may get, besides those that other fields have
 */
export function mutated(document: Json, values: readonly Json[], next: (bound: number) => number): Json {
  const copy = structuredClone(document)
  const places = containers(copy)
  const place = places[next(places.length)] as Record<string, Json>
  const keys = Object.keys(place)
  const key = keys[next(Math.max(1, keys.length))]
  const other = places[next(places.length)] as Record<string, Json>
  const otherValues = Object.values(other)
  switch (next(5)) {
    case 0:
      if (key !== undefined && !Array.isArray(place)) delete place[key]
      else if (Array.isArray(place)) place.pop()
      break
    case 1:
      if (Array.isArray(place)) place.push(structuredClone(values[next(values.length)]))
      else place[`x${next(3)}`] = structuredClone(values[next(values.length)])
      break
    case 2:
      if (key !== undefined)
        place[key] = structuredClone(otherValues[next(Math.max(1, otherValues.length))] ?? null)
      break
    case 3:
      if (key !== undefined && !Array.isArray(place)) {
        const otherKeys = Object.keys(other)
        place[otherKeys[next(Math.max(1, otherKeys.length))] ?? 'y'] = structuredClone(place[key])
      }
      break
    default:
      if (key !== undefined) place[key] = structuredClone(values[next(values.length)])
  }
  return copy
}
