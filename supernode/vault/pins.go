package vault

import (
	"bytes"
	"fmt"

	"github.com/ipfs/go-cid"
	bolt "go.etcd.io/bbolt"
)

// pinsBucket holds what custody keeps: name of a file -> its CID.
var pinsBucket = []byte("pins")

// Pin names a stored file after what it encrypts. A pin is a note, so that a file is
// found again when nobody else knows its CID any more; it does not hold the file.
type Pin struct {
	Name [32]byte // SHA-256 of the plaintext
	CID  cid.Cid
}

// Pin notes pins; a later one for the same name replaces an earlier one.
func (v *Vault) Pin(pins ...Pin) error {
	if len(pins) == 0 {
		return nil
	}
	err := v.store.catalog.db.Batch(func(tx *bolt.Tx) error {
		bucket := tx.Bucket(pinsBucket)
		for _, pin := range pins {
			if err := bucket.Put(pin.Name[:], pin.CID.Bytes()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("vault: pin: %w", err)
	}
	return nil
}

// Unpin forgets names; unknown ones are a success.
func (v *Vault) Unpin(names ...[32]byte) error {
	if len(names) == 0 {
		return nil
	}
	err := v.store.catalog.db.Batch(func(tx *bolt.Tx) error {
		for _, name := range names {
			if err := tx.Bucket(pinsBucket).Delete(name[:]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("vault: unpin: %w", err)
	}
	return nil
}

// Pins lists at most limit pins by ascending name, from one after the given name on; a
// nil name starts with the first.
func (v *Vault) Pins(after []byte, limit int) (pins []Pin, err error) {
	err = v.store.catalog.db.View(func(tx *bolt.Tx) error {
		cursor := tx.Bucket(pinsBucket).Cursor()
		key, value := cursor.Seek(after)
		if after != nil && bytes.Equal(key, after) {
			key, value = cursor.Next()
		}
		for ; key != nil && len(pins) < limit; key, value = cursor.Next() {
			c, err := cid.Cast(bytes.Clone(value))
			if err != nil {
				return fmt.Errorf("pin %x: %w", key, err)
			}
			pins = append(pins, Pin{Name: [32]byte(key), CID: c})
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("vault: pins: %w", err)
	}
	return pins, nil
}
