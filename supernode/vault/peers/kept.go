package peers

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"filippo.io/age"
)

// maxKeptFile bounds the file of kept keys; one key takes about 150 bytes.
const maxKeptFile = 64 << 20

// errUnusable means that a file is there and does not open, or not to what it should.
var errUnusable = errors.New("file of kept vault keys is unusable")

// readKept reads the kept keys; there are none without a file. Errors: errUnusable, that
// of the disk.
func readKept(path string, own age.Identity) (map[uint64]*age.HybridIdentity, error) {
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return make(map[uint64]*age.HybridIdentity), nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	sealed, err := io.ReadAll(io.LimitReader(file, maxKeptFile))
	if err != nil {
		return nil, err
	}
	kept, err := decodeKept(sealed, own)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errUnusable, err)
	}
	return kept, nil
}

// decodeKept opens an age file around a JSON object of epochs and secrets.
func decodeKept(sealed []byte, own age.Identity) (map[uint64]*age.HybridIdentity, error) {
	plain, err := age.Decrypt(bytes.NewReader(sealed), own)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(plain)
	if err != nil {
		return nil, err
	}
	var secrets map[uint64]string
	if err := decode(data, &secrets); err != nil {
		return nil, errors.New("kept keys are malformed") // the cause may quote a secret
	}
	kept := make(map[uint64]*age.HybridIdentity, len(secrets))
	for epoch, secret := range secrets {
		identity, err := age.ParseHybridIdentity(secret)
		if err != nil {
			return nil, fmt.Errorf("the key of epoch %d is malformed", epoch)
		}
		kept[epoch] = identity
	}
	return kept, nil
}

func encodeKept(kept map[uint64]*age.HybridIdentity, own age.Recipient) ([]byte, error) {
	secrets := make(map[uint64]string, len(kept))
	for epoch, identity := range kept {
		secrets[epoch] = identity.String()
	}
	data, err := json.Marshal(secrets)
	if err != nil {
		return nil, err
	}
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, own)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(data)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return sealed.Bytes(), nil
}

// writeKept replaces the file in one step, so that a crash leaves the old or the new one.
func writeKept(path string, kept map[uint64]*age.HybridIdentity, own age.Recipient) error {
	sealed, err := encodeKept(kept, own)
	if err != nil {
		return err
	}
	file, err := os.CreateTemp(filepath.Dir(path), ".vault-keys-*") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(file.Name()) }()
	_, err = file.Write(sealed)
	if err := errors.Join(err, file.Sync(), file.Close()); err != nil {
		return err
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
