package binaries

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
)

// A file is, in this order: magic; the key; the driver's format, 4 bytes, the lowest first; the program; the SHA-256 of all
// that.
const magic = "gloss program 1\n"

const headerBytes = len(magic) + sha256.Size + 4

func encode(key [sha256.Size]byte, format uint32, program []byte) []byte {
	b := append([]byte(magic), key[:]...)
	b = binary.LittleEndian.AppendUint32(b, format)
	b = append(b, program...)
	sum := sha256.Sum256(b)
	return append(b, sum[:]...)
}

// parse is the program in a file, if the file is whole and of that key.
func parse(text []byte, key [sha256.Size]byte) (format uint32, program []byte, ok bool) {
	end := len(text) - sha256.Size
	if end <= headerBytes || !bytes.HasPrefix(text, []byte(magic)) || !bytes.Equal(text[len(magic):][:sha256.Size], key[:]) {
		return 0, nil, false
	}
	if sum := sha256.Sum256(text[:end]); !bytes.Equal(sum[:], text[end:]) {
		return 0, nil, false
	}
	return binary.LittleEndian.Uint32(text[headerBytes-4:]), text[headerBytes:end], true
}
