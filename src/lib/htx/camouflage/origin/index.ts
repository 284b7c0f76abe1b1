export {
  type CalibrationPage,
  type CalibrationTarget,
  Calibrator,
  type CalibratorOptions,
  type PageRequest,
} from './calibrator.ts'
export type { ObservedServer, OriginProfile } from './origin-profile.ts'
export { type PageLoadOptions, pageLoads } from './page-loads.ts'
