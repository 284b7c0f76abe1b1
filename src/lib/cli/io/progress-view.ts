/** The progress bar, drawn by Ink. Loaded by `progress.ts` when there is a terminal. */
import { Box, render, Text } from 'ink'
import { createElement, type ReactElement } from 'react'
import { systemClock } from '../../core/index.ts'
import { formatDuration, formatSize } from '../quantities.ts'
import type { Progress, ProgressOptions } from './progress.ts'

const BAR_WIDTH = 24

/** More frames a second are not seen and cost the transfer. */
const FRAME_MS = 100

export function showProgress(options: ProgressOptions, stream: NodeJS.WriteStream): Progress {
  const startedAt = systemClock.now()
  let drawnAt = startedAt
  let done = 0
  const view = (): ReactElement => progressLine(options, done, systemClock.now() - startedAt)
  const screen = render(view(), { stdout: stream, patchConsole: false, exitOnCtrlC: false })
  return {
    update(value) {
      done = value
      const now = systemClock.now()
      if (now - drawnAt < FRAME_MS) return
      drawnAt = now
      screen.rerender(view())
    },
    finish() {
      screen.rerender(view())
      screen.unmount()
    },
  }
}

function progressLine(options: ProgressOptions, done: number, elapsedMs: number): ReactElement {
  const { label, total } = options
  const text = (value: string, color?: string): ReactElement =>
    createElement(Text, color === undefined ? {} : { color }, value)
  const parts = [text(`${label} `)]
  if (total !== undefined && total > 0) {
    const share = Math.min(1, done / total)
    const filled = Math.round(share * BAR_WIDTH)
    parts.push(text('█'.repeat(filled), 'green'), text('░'.repeat(BAR_WIDTH - filled)))
    parts.push(text(` ${Math.floor(share * 100)} %`))
  }
  parts.push(text(` ${amount(options, done)}`))
  if (options.unit === 'bytes' && elapsedMs > 0)
    parts.push(text(` ${formatSize((done * 1000) / elapsedMs)}/s`))
  parts.push(text(` ${formatDuration(elapsedMs)}`))
  return createElement(Box, {}, ...parts)
}

function amount({ unit, total }: ProgressOptions, done: number): string {
  const write = (value: number): string => (unit === 'bytes' ? formatSize(value) : String(value))
  return total === undefined ? write(done) : `${write(done)} of ${write(total)}`
}
