package logs

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"
	"slices"
	"time"
)

// An event is TensorFlow's Event (tensorflow/core/util/event.proto, framework/summary.proto), written by hand: a
// protobuf message is its fields one after the other, each behind a number that holds the field's own and its wire type.
type event struct {
	time       time.Time
	step       int64
	version    string // of the file, in its first event
	restart    bool   // what older files say of this step and later ones does not count
	scalars    []scalar
	histograms []histogram
}

type scalar struct {
	tag   string
	value float32
}

type histogram struct {
	tag    string
	values []float32
}

// The wire types of protobuf that are used.
const (
	wireVarint = iota
	wireDouble
	wireBytes
	wireFloat = 5
)

// A message is a protobuf message as it grows.
type message []byte

func (m *message) key(field, wire int) { *m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(wire)) }

func (m *message) varint(field int, v int64) {
	m.key(field, wireVarint)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) double(field int, v float64) {
	m.key(field, wireDouble)
	*m = binary.LittleEndian.AppendUint64(*m, math.Float64bits(v))
}

func (m *message) float(field int, v float32) {
	m.key(field, wireFloat)
	*m = binary.LittleEndian.AppendUint32(*m, math.Float32bits(v))
}

func (m *message) bytes(field int, v []byte) {
	m.key(field, wireBytes)
	*m = append(binary.AppendUvarint(*m, uint64(len(v))), v...)
}

// doubles is a packed repeated field.
func (m *message) doubles(field int, v []float64) {
	var packed []byte
	for _, x := range v {
		packed = binary.LittleEndian.AppendUint64(packed, math.Float64bits(x))
	}
	m.bytes(field, packed)
}

// encode: Event{1 wall_time, 2 step, 3 file_version, 5 summary, 7 session_log}, Summary{1 value…}, Value{1 tag, 2 simple_value,
// 5 histo}, SessionLog{1 status}, whose START is 1.
func (e event) encode() []byte {
	var m, summary message
	m.double(1, float64(e.time.UnixMicro())/1e6)
	m.varint(2, e.step)
	if e.version != "" {
		m.bytes(3, []byte(e.version))
	}
	if e.restart {
		var session message
		session.varint(1, 1)
		m.bytes(7, session)
	}
	for _, s := range e.scalars {
		var v message
		v.bytes(1, []byte(s.tag))
		v.float(2, s.value)
		summary.bytes(1, v)
	}
	for _, h := range e.histograms {
		if histo := h.encode(); histo != nil {
			var v message
			v.bytes(1, []byte(h.tag))
			v.bytes(5, histo)
			summary.bytes(1, v)
		}
	}
	if len(summary) > 0 {
		m.bytes(5, summary)
	}
	return m
}

// buckets is as many as TensorBoard shows.
const buckets = 30

// encode: HistogramProto{1 min, 2 max, 3 num, 4 sum, 5 sum_squares, 6 bucket_limit…, 7 bucket…}, of buckets of one width
// from the least value to the most. What is not finite is left out; nil where nothing is left.
func (h histogram) encode() []byte {
	lo, hi := math.Inf(1), math.Inf(-1)
	var num, sum, squares float64
	finite := func(yield func(x float64) bool) {
		for _, v := range h.values {
			if v-v == 0 && !yield(float64(v)) {
				return
			}
		}
	}
	for x := range finite {
		lo, hi, num, sum, squares = min(lo, x), max(hi, x), num+1, sum+x, squares+x*x
	}
	if num == 0 {
		return nil
	}
	limits, counts := []float64{hi}, []float64{num}
	if lo < hi {
		limits, counts = make([]float64, buckets), make([]float64, buckets)
		for i := range limits {
			limits[i] = lo + (hi-lo)*float64(i+1)/buckets
		}
		limits[buckets-1] = hi
		for x := range finite {
			counts[min(buckets-1, int(buckets*(x-lo)/(hi-lo)))]++
		}
	}
	var m message
	for i, x := range []float64{lo, hi, num, sum, squares} {
		m.double(i+1, x)
	}
	m.doubles(6, limits)
	m.doubles(7, counts)
	return m
}

// record frames an event as TensorFlow's record files do (tensorflow/core/lib/io/record_writer.h): its length, the
// length's checksum, the event, and its checksum.
func record(data []byte) []byte {
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(data)))
	return slices.Concat(length, masked(length), data, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked is a CRC-32C, turned and moved, for records that hold checksums themselves (tensorflow/core/lib/hash/crc32c.h).
func masked(data []byte) []byte {
	c := crc32.Checksum(data, castagnoli)
	return binary.LittleEndian.AppendUint32(nil, bits.RotateLeft32(c, -15)+0xa282ead8)
}
