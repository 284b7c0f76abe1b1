/** Shapes of JSON: a small part of what JSON Schema can say, enough for the structure of SPDX 2. */
import { isTable } from '../readers/parse/index.ts'
import { below, quoted, type SchemaErrors } from './schema-error.ts'

export type Shape = (value: unknown, pointer: string, errors: SchemaErrors) => void

export const text: Shape = (value, pointer, errors) => {
  if (typeof value !== 'string') errors.add(pointer, 'has to be a text')
}

export const flag: Shape = (value, pointer, errors) => {
  if (typeof value !== 'boolean') errors.add(pointer, 'has to be true or false')
}

export const integer: Shape = (value, pointer, errors) => {
  if (!Number.isInteger(value)) errors.add(pointer, 'has to be a whole number')
}

export const anyTable: Shape = (value, pointer, errors) => {
  if (!isTable(value)) errors.add(pointer, 'has to be an object')
}

/** @param words separated by spaces */
export function oneOf(words: string): Shape {
  const known = new Set(words.trim().split(/\s+/))
  return (value, pointer, errors) => {
    if (typeof value !== 'string' || !known.has(value))
      errors.add(pointer, typeof value === 'string' ? `cannot be ${quoted(value)}` : 'has to be a text')
  }
}

export function list(item: Shape, minItems = 0): Shape {
  return (value, pointer, errors) => {
    if (!Array.isArray(value)) {
      errors.add(pointer, 'has to be a list')
      return
    }
    if (value.length < minItems) errors.add(pointer, `has to have at least ${minItems} entries`)
    for (let index = 0; index < value.length && !errors.isFull; index += 1)
      item(value[index], below(pointer, index), errors)
  }
}

/** @param fields by name; a name that ends with `!` has to be there, and no other field may be */
export function record(fields: Readonly<Record<string, Shape>>): Shape {
  const known = new Map(Object.entries(fields).map(([name, shape]) => [name.replace(/!$/, ''), shape]))
  const required = Object.keys(fields).flatMap((name) => (name.endsWith('!') ? [name.slice(0, -1)] : []))
  return (value, pointer, errors) => {
    if (!isTable(value)) {
      errors.add(pointer, 'has to be an object')
      return
    }
    for (const name of required) if (!Object.hasOwn(value, name)) errors.add(pointer, `has no ${name}`)
    for (const [name, inner] of Object.entries(value)) {
      if (errors.isFull) return
      const shape = known.get(name)
      if (shape === undefined)
        errors.add(pointer, `has a field that the format does not know: ${quoted(name)}`)
      else shape(inner, below(pointer, name), errors)
    }
  }
}
