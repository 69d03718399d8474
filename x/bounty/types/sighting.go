package types

import "crypto/sha256"

// MaxSightings bounds the sightings of one message.
const MaxSightings = 100

// ValidateSightings checks the shape of what a message reports.
func ValidateSightings(sightings []Sighted) error {
	if n := len(sightings); n == 0 || n > MaxSightings {
		return ErrInvalidSighting.Wrapf("sightings: %d, want 1..%d", n, MaxSightings)
	}
	for i, sighted := range sightings {
		if len(sighted.Sha256) != sha256.Size {
			return ErrInvalidSighting.Wrapf("sightings[%d].sha256: %d bytes, want %d", i, len(sighted.Sha256), sha256.Size)
		}
		if err := validateOptional("contributor", sighted.Contributor); err != nil {
			return ErrInvalidSighting.Wrapf("sightings[%d]: %s", i, err)
		}
	}
	return nil
}
