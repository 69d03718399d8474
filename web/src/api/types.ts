// Shapes of the answers of /ui, which are VirusTotal's with a virusmap part. What is not
// known is absent. Dates are unix seconds.

/** One resource. */
export interface Resource<A = Record<string, unknown>> {
  type: string
  id: string
  links?: Record<string, string>
  attributes?: A
  context_attributes?: Record<string, unknown>
  relationships?: Record<string, unknown>
}

export interface One<A, M = unknown> {
  data: Resource<A>
  meta?: M
}

export interface List<A = Record<string, unknown>> {
  data: Resource<A>[]
  meta?: { count?: number; cursor?: string }
  links?: { self?: string; next?: string }
}

export type Category =
  | 'malicious'
  | 'suspicious'
  | 'undetected'
  | 'harmless'
  | 'failure'
  | 'timeout'
  | 'confirmed-timeout'
  | 'type-unsupported'

export type Outcome = 'clean' | 'suspicious' | 'malicious' | 'undetermined' | 'invalid'

export type Stats = Partial<Record<Category, number>>

/** What one engine of one operator said. */
export interface EngineResult {
  category: Category
  engine_name: string
  engine_version?: string
  /** Date of its signatures, YYYYMMDD. */
  engine_update?: string
  method?: string
  result: string | null
  confidence?: number
  operator?: string
  engine?: string
  signature_digest?: string
}

/** Where on the chain a report comes from. */
export interface Provenance {
  chain_id: string
  round?: number
  outcome?: Outcome
  height?: number
  round_status?: string
  seats?: number
  attestations?: number
}

export interface Votes {
  harmless?: number
  malicious?: number
}

/** What the labels of the engines say together: a kind of threat and its name. */
export interface Threat {
  suggested_threat_label: string
  popular_threat_category?: { value: string; count: number }[]
  popular_threat_name?: { value: string; count: number }[]
}

/** What reports on files, URLs, domains and addresses share. */
export interface ReportAttributes {
  last_analysis_date?: number
  last_analysis_stats?: Stats
  last_analysis_results?: Record<string, EngineResult>
  reputation?: number
  total_votes?: Votes
  tags?: string[]
  popular_threat_classification?: Threat
  virusmap?: Provenance
  [attribute: string]: unknown
}

export interface AnalysisAttributes {
  status: 'queued' | 'in-progress' | 'completed'
  date: number
  stats: Stats
  results: Record<string, EngineResult>
  virusmap: Provenance
}

export interface AnalysisMeta {
  file_info?: { sha256: string; sha1?: string; md5?: string; size?: number }
  url_info?: { id: string; url?: string }
  virusmap?: { submission: 'queued' | 'on-chain' | 'refused'; reason?: string }
}

export interface CommentAttributes {
  text: string
  date: number
  tags?: string[]
  votes?: { positive?: number; negative?: number; abuse?: number }
  virusmap?: Signed
}

export interface VoteAttributes {
  verdict: 'harmless' | 'malicious'
  date: number
  value?: number
  virusmap?: Signed
}

/** Who stands for a comment or a vote, and what he signed. */
export interface Signed {
  author_address?: string
  signed?: 'wallet' | 'api_key'
  statement?: string
  pub_key?: string
  signature?: string
}
