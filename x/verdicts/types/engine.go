package types

// Bounds of a registered engine.
const (
	MaxEngineNameBytes        = 32
	MaxEngineDescriptionBytes = 256
)

// ValidateEngineName wants 1..32 characters of [A-Za-z0-9._-].
func ValidateEngineName(name string) error {
	if len(name) == 0 || len(name) > MaxEngineNameBytes {
		return ErrInvalidEngine.Wrapf("name has %d bytes, want 1..%d", len(name), MaxEngineNameBytes)
	}
	for _, c := range []byte(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c == '-':
		default:
			return ErrInvalidEngine.Wrapf("name %q holds a character outside [A-Za-z0-9._-]", name)
		}
	}
	return nil
}

// ValidateEngineDescription wants at most 256 bytes of printable UTF-8.
func ValidateEngineDescription(description string) error {
	if len(description) > MaxEngineDescriptionBytes {
		return ErrInvalidEngine.Wrapf("description has %d bytes, at most %d", len(description), MaxEngineDescriptionBytes)
	}
	if !IsPrintable(description) {
		return ErrInvalidEngine.Wrap("description is not printable UTF-8")
	}
	return nil
}
