package types

import "crypto/sha256"

// An error window is eleven bit planes of 512 bytes: answered, wrong, detected (with a
// label), and one per bit of the label's hash. The position p of a plane is bit p%8 of
// its byte p/8. All windows share their positions: what two of them hold at one
// position is about the same sample.
const (
	// WindowSize is how many of the newest resolved samples a window covers.
	WindowSize = 4096

	planeBytes = WindowSize / 8

	planeAnswered = 0
	planeWrong    = 1
	planeDetected = 2
	planeLabel    = 3
	labelPlanes   = 8
	planes        = planeLabel + labelPlanes

	// WindowBytes is the size of a window's planes, once it holds anything.
	WindowBytes = planes * planeBytes
)

// Observation is what an engine said of one resolved sample.
type Observation struct {
	// Answered tells that it gave a decisive answer.
	Answered bool
	// Wrong tells that the answer was not true in the end.
	Wrong bool
	// Label is the raw label of a detection, or empty.
	Label string
}

// Observe overwrites what stands at a position, which counts modulo WindowSize.
func (w *ErrorWindow) Observe(position uint64, o Observation) {
	if len(w.Planes) != WindowBytes {
		w.Planes = make([]byte, WindowBytes)
	}
	detected := o.Answered && o.Label != ""
	w.set(planeAnswered, position, o.Answered)
	w.set(planeWrong, position, o.Answered && o.Wrong)
	w.set(planeDetected, position, detected)
	var hash byte
	if detected {
		hash = labelHash(o.Label)
	}
	for bit := range labelPlanes {
		w.set(planeLabel+bit, position, hash>>bit&1 == 1)
	}
}

// Forget clears n positions from from on. An engine that has nothing to show for the
// samples at these positions calls it, lest older ones stand there. A window without
// planes is left so.
func (w *ErrorWindow) Forget(from, n uint64) {
	if len(w.Planes) != WindowBytes {
		return
	}
	for i := range min(n, WindowSize) {
		for plane := range planes {
			w.set(plane, from+i, false)
		}
	}
}

func (w *ErrorWindow) set(plane int, position uint64, value bool) {
	position %= WindowSize
	at, bit := plane*planeBytes+int(position/8), byte(1)<<(position%8)
	if value {
		w.Planes[at] |= bit
	} else {
		w.Planes[at] &^= bit
	}
}

// labelHash is the first byte of the SHA-256 of a raw label.
func labelHash(label string) byte {
	hash := sha256.Sum256([]byte(label))
	return hash[0]
}

// Validate wants planes that are empty or whole, and nothing said about a sample
// without an answer.
func (w ErrorWindow) Validate() error {
	if len(w.Planes) == 0 {
		return nil
	}
	if len(w.Planes) != WindowBytes {
		return ErrInvalidGenesis.Wrapf("window of %s/%s: planes have %d bytes, want 0 or %d", w.Operator, w.Engine, len(w.Planes), WindowBytes)
	}
	for i := range planeBytes {
		answered, detected := w.Planes[i], w.Planes[planeDetected*planeBytes+i]
		if w.Planes[planeWrong*planeBytes+i]&^answered != 0 || detected&^answered != 0 {
			return ErrInvalidGenesis.Wrapf("window of %s/%s: byte %d speaks of samples without answer", w.Operator, w.Engine, i)
		}
		for plane := planeLabel; plane < planes; plane++ {
			if w.Planes[plane*planeBytes+i]&^detected != 0 {
				return ErrInvalidGenesis.Wrapf("window of %s/%s: byte %d has a label without detection", w.Operator, w.Engine, i)
			}
		}
	}
	return nil
}
