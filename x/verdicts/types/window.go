package types

// Observation is what an engine said of one resolved sample.
type Observation struct {
	// Answered tells that it gave a decisive answer.
	Answered bool
	// Wrong tells that the answer was not true in the end.
	Wrong bool
	// Label is the raw label of a detection, or empty.
	Label string
}
