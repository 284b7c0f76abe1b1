/** Statistics: tests and distributions, each proved against published values. */
export { type AndersonDarling, andersonDarling, andersonDarlingTail } from './anderson-darling.ts'
export { binomialUpperTail } from './binomial.ts'
export { type ChiSquare, chiSquare, poissonProbabilities } from './chi-square.ts'
export {
  type DistanceTest,
  exponentialCumulative,
  kolmogorovSmirnov,
  kolmogorovSmirnovTwo,
} from './kolmogorov-smirnov.ts'
export { pearson, type RankCorrelation, type RunsTest, ranks, runsTest, spearman } from './order.ts'
export { type Roc, roc } from './roc.ts'
export {
  incompleteBeta,
  kolmogorovTail,
  logGamma,
  normalTwoSided,
  studentTwoSided,
  upperGamma,
} from './special-functions.ts'
export { type Moments, moments, type Welch, welch } from './welch.ts'
