export {
  type CalibrationPage,
  type CalibrationTarget,
  Calibrator,
  type CalibratorOptions,
  type PageRequest,
} from './calibrator.ts'
export type { ObservedServer, OriginProfile, RequestType } from './origin-profile.ts'
