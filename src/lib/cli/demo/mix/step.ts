/** The mix step: packets cross three hops, are answered by SURBs, and are dropped when anybody touched them. */
import type { DemoStep } from '../../../core/index.ts'
import { showAnswer, showForward, showSizes, showTagging } from './packets.ts'

export const mixStep: DemoStep = {
  name: 'mix',
  summary: 'Sphinx packets cross three hops, are answered by reply blocks, and are dropped when touched',
  run: async () => [showSizes(), showForward(), showAnswer(), showTagging()],
}
