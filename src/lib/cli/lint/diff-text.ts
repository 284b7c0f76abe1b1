/** What two inventories do differently, for people. */
import type { BomDiff, Change, ChangedComponent } from '../../lint/diff/index.ts'
import { shortText } from './short-text.ts'

export function diffLines({ added, removed, changed }: BomDiff, label: Label): readonly string[] {
  return [
    ...removed.map((component) => `- ${shortText(label(component))}`),
    ...added.map((component) => `+ ${shortText(label(component))}`),
    ...changed.flatMap((item) => changedLines(item, label)),
    `${removed.length} removed, ${added.length} added, ${changed.length} changed`,
  ]
}

type Label = (component: ChangedComponent['before']) => string

function changedLines({ before, changes }: ChangedComponent, label: Label): readonly string[] {
  return [`~ ${shortText(label(before))}`, ...changes.flatMap(changeLines)]
}

function changeLines({ field, before, after }: Change): readonly string[] {
  if (typeof before === 'string' || typeof after === 'string')
    return [`    ${field}: ${sideText(before)} -> ${sideText(after)}`]
  return [
    ...(before ?? []).map((item) => `    ${field}: - ${shortText(item)}`),
    ...(after ?? []).map((item) => `    ${field}: + ${shortText(item)}`),
  ]
}

function sideText(side: Change['before']): string {
  return side === undefined ? 'none' : shortText(String(side))
}
