/** The audit of a mix, as `aiv mix delay audit` runs and prints it. */
import { AivError, equal, toHex } from '../../core/index.ts'
import { loadEcvrf } from '../../crypto/index.ts'
import type { DelayAudit, DelaySample, ShareTest } from '../../mix/delay/index.ts'

export interface AuditRequest {
  /** The document's bytes. */
  readonly directory: Uint8Array
  /** Ed25519 keys, all of which must have signed the directory; none for a file that is trusted as it is. */
  readonly authorities: readonly Uint8Array[]
  /** Id of the mix; undefined for any of the directory. */
  readonly node: Uint8Array | undefined
  readonly reveal: AsyncIterable<Uint8Array>
  readonly samples: readonly DelaySample[]
  readonly slackUs: number
}

export interface AuditAnswer {
  readonly isHonest: boolean
  readonly document: Readonly<Record<string, unknown>>
  readonly text: string
}

/** @throws AivError `E_AUTHENTICATION` for a directory that the authorities did not sign */
export async function auditReveal(request: AuditRequest): Promise<AuditAnswer> {
  const { directory: bytes, authorities, node, reveal, samples, slackUs } = request
  const { parseDirectory, verifyDirectory } = await import('../../mix/directory/index.ts')
  const { auditDelays, auditedMixes } = await import('../../mix/delay/index.ts')
  const directory = parseDirectory(bytes)
  // The epoch is over: what counts is whether the directory was good when it began.
  const trust = { authorities, threshold: authorities.length }
  const [problem] = verifyDirectory(directory, trust, directory.validFrom).problems
  if (problem !== undefined)
    throw new AivError('E_AUTHENTICATION', `the directory is not to be used: ${problem}`)
  const mixes = auditedMixes(directory).filter((mix) => node === undefined || equal(mix.node, node))
  const audit = await auditDelays(await loadEcvrf(), mixes, reveal, samples, slackUs)
  return {
    isHonest: audit.verdict === 'honest',
    document: documentOf(audit, slackUs),
    text: linesOf(audit).join('\n'),
  }
}

function documentOf(audit: DelayAudit, slackUs: number): AuditAnswer['document'] {
  const { mix, judgement } = audit
  return {
    node: mix.node,
    epoch: mix.epoch,
    verdict: audit.verdict,
    faults: audit.faults,
    lines: audit.lines,
    samples: audit.samples,
    returned: audit.returned,
    slack_us: slackUs,
    law: judgement?.law ?? null,
    late: judgement?.late ?? null,
    early: judgement?.early ?? null,
    residual:
      judgement?.residual === undefined
        ? null
        : { median_us: judgement.residual.medianUs, p95_us: judgement.residual.p95Us },
  }
}

const FAULT_TEXTS: Readonly<Record<DelayAudit['faults'][number]['fault'], string>> = {
  signature: 'the mix did not sign this document',
  seed: 'the seed is not the one that the mix had to use',
  order: 'lines are out of order, or there twice',
  list: 'lines are missing or changed: the root is another',
  missing_line: 'packets went through and have no line',
  unreadable_line: 'lines do not open',
  wrong_delay: 'lines name another delay than the seed gives',
  impossible_times: 'lines say themselves that packets left too early',
  law: 'delays do not follow the exponential law',
  late: 'packets were held longer than they had to be',
  early: 'packets came sooner than their delays allow',
}

function linesOf({ mix, verdict, faults, lines, samples, returned, judgement }: DelayAudit): string[] {
  const out = [
    `${verdict}: mix ${toHex(mix.node)} in epoch ${mix.epoch}`,
    `${lines} lines, ${samples} samples, ${returned} came back`,
    ...faults.map(({ fault, count }) => `${FAULT_TEXTS[fault]} (${count})`),
  ]
  if (judgement === undefined) return out
  const { law, late, early, residual } = judgement
  out.push(
    `law    ${passed(law.ok)}  distance ${law.distance.toFixed(4)}, p ${law.p.toPrecision(2)}`,
    `late   ${shareText(late)}`,
    `early  ${shareText(early)}`,
  )
  if (residual !== undefined)
    out.push(
      `beside the delays: median ${milliseconds(residual.medianUs)}, p95 ${milliseconds(residual.p95Us)}`,
    )
  return out
}

function shareText({ count, of, p, ok }: ShareTest): string {
  return `${passed(ok)}  ${count} of ${of}, p ${p.toPrecision(2)}`
}

function passed(ok: boolean): string {
  return ok ? 'ok    ' : 'failed'
}

function milliseconds(us: number): string {
  return `${(us / 1_000).toFixed(1)} ms`
}
