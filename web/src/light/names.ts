/** The names that reports have for the chain's numbers. */
import { Kind, Status } from '../chain/gen/virusmap/samples/v1/base_pb'
import { Category, Outcome, RoundStatus } from '../chain/gen/virusmap/verdicts/v1/base_pb'

const nameOf = (names: Record<number, string>, value: number): string =>
  names[value]?.toLowerCase().replaceAll('_', '-') ?? String(value)

/** VirusTotal's name of a category; it has none for a submission that does not open. */
export const categoryName = (category: Category): string =>
  nameOf(Category, category === Category.UNDECRYPTABLE ? Category.FAILURE : category)

/** clean, suspicious, malicious, undetermined or invalid */
export const outcomeName = (outcome: Outcome): string => nameOf(Outcome, outcome)

/** commit, reveal, tally, final or void */
export const roundStatusName = (status: RoundStatus): string => nameOf(RoundStatus, status)

/** queued, scanning, final, invalid or blocked */
export const sampleStatusName = (status: Status): string => nameOf(Status, status)

/** file, url or intel */
export const kindName = (kind: Kind): string => nameOf(Kind, kind)
