/** What two inventories do differently, for people. */
import type { BomDiff, Change, ChangedComponent } from '../../lint/diff/index.ts'

export function diffLines({ added, removed, changed }: BomDiff, label: Label): readonly string[] {
  return [
    ...removed.map((component) => `- ${label(component)}`),
    ...added.map((component) => `+ ${label(component)}`),
    ...changed.flatMap((item) => changedLines(item, label)),
    `${removed.length} removed, ${added.length} added, ${changed.length} changed`,
  ]
}

type Label = (component: ChangedComponent['before']) => string

function changedLines({ before, changes }: ChangedComponent, label: Label): readonly string[] {
  return [`~ ${label(before)}`, ...changes.flatMap(changeLines)]
}

function changeLines({ field, before, after }: Change): readonly string[] {
  if (typeof before === 'string' || typeof after === 'string')
    return [`    ${field}: ${before ?? 'none'} -> ${after ?? 'none'}`]
  return [
    ...(before ?? []).map((item) => `    ${field}: - ${item}`),
    ...(after ?? []).map((item) => `    ${field}: + ${item}`),
  ]
}
