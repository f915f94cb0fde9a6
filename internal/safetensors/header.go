package safetensors

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// A scanner reads a header. It is no general JSON reader: what it makes of a header takes little more memory than the
// header itself, and it refuses what the format does not have.
type scanner struct {
	s   string
	at  int
	err error
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = fmt.Errorf("header byte %d: %s", s.at, fmt.Sprintf(format, args...))
	}
}

func (s *scanner) space() {
	for s.at < len(s.s) && strings.IndexByte(" \t\r\n", s.s[s.at]) >= 0 {
		s.at++
	}
}

// next reports whether c is what comes next, and steps over it.
func (s *scanner) next(c byte) bool {
	s.space()
	if s.err == nil && s.at < len(s.s) && s.s[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) want(c byte) {
	if !s.next(c) {
		s.fail("%q is wanted", c)
	}
}

// begin steps into what stands between two brackets, and reports whether there is anything.
func (s *scanner) begin(open, end byte) bool {
	s.want(open)
	return s.err == nil && !s.next(end)
}

// more reports whether another part follows before the closing bracket.
func (s *scanner) more(end byte) bool {
	if s.err != nil || s.next(end) {
		return false
	}
	s.want(',')
	return s.err == nil
}

// key reads what stands before a value.
func (s *scanner) key() string {
	key := s.text()
	s.want(':')
	return key
}

// text reads a string: a part of the header where nothing is escaped in it.
func (s *scanner) text() string {
	s.want('"')
	start, escaped := s.at, false
	for s.err == nil {
		if s.at == len(s.s) {
			s.fail("a string does not end")
			break
		}
		switch c := s.s[s.at]; {
		case c == '"':
			out := s.s[start:s.at]
			s.at++
			if escaped {
				out = s.unescaped(s.s[start-1 : s.at])
			}
			if !utf8.ValidString(out) {
				s.fail("a string that is not UTF-8")
			}
			return out
		case c < ' ':
			s.fail("a control character in a string")
		case c == '\\':
			escaped = true
			s.at += min(2, len(s.s)-s.at)
		default:
			s.at++
		}
	}
	return ""
}

func (s *scanner) unescaped(quoted string) (out string) {
	if err := json.Unmarshal([]byte(quoted), &out); err != nil {
		s.fail("%v", err)
	}
	return out
}

// number reads an integer that is not negative.
func (s *scanner) number() (n int64) {
	s.space()
	start := s.at
	for s.at < len(s.s) && s.s[s.at] >= '0' && s.s[s.at] <= '9' && s.at-start < 18 {
		n = 10*n + int64(s.s[s.at]-'0')
		s.at++
	}
	if s.at == start || s.at-start > 1 && s.s[start] == '0' {
		s.fail("an integer from 0 on is wanted")
	}
	return n
}

// entries are what a tensor has, each once.
var entries = []string{"dtype", "shape", "data_offsets"}

// tensor reads a tensor's entry; the shape's numbers are appended to dims.
func (s *scanner) tensor(name string, dims *[]int64) (t Info) {
	t.Name = name
	first, seen := len(*dims), 0
	for ok := s.begin('{', '}'); ok; ok = s.more('}') {
		i := slices.Index(entries, s.key())
		if i < 0 || seen&(1<<i) != 0 {
			s.fail("tensor %q has an entry that is not one of %q, once each", name, entries)
			break
		}
		seen |= 1 << i
		switch entries[i] {
		case "dtype":
			t.DType = DType(s.text())
		case "shape":
			for ok := s.begin('[', ']'); ok; ok = s.more(']') {
				if len(*dims)-first == maxRank {
					s.fail("tensor %q has more than %d dimensions", name, maxRank)
				}
				*dims = append(*dims, s.number())
			}
		case "data_offsets":
			s.want('[')
			t.from = s.number()
			s.want(',')
			t.to = s.number()
			s.want(']')
		}
	}
	if seen != 7 {
		s.fail("tensor %q lacks one of dtype, shape and data_offsets", name)
	}
	t.Shape = (*dims)[first:len(*dims):len(*dims)]
	return t
}

// metadata reads strings by name.
func (s *scanner) metadata() map[string]string {
	meta := map[string]string{}
	for ok := s.begin('{', '}'); ok; ok = s.more('}') {
		key := s.key()
		value := s.text()
		if _, twice := meta[key]; twice {
			s.fail("two entries %q in the metadata", key)
		}
		if len(meta) == maxMeta {
			s.fail("more than %d entries in the metadata", maxMeta)
		}
		meta[key] = value
	}
	return meta
}

// scan reads a whole header, calling tensor for each.
func scan(header string, dims *[]int64, tensor func(Info)) (meta map[string]string, err error) {
	s := &scanner{s: header}
	if !strings.HasPrefix(header, "{") {
		s.fail("a header begins with {")
	}
	for ok := s.begin('{', '}'); ok; ok = s.more('}') {
		key := s.key()
		switch {
		case key != metaKey:
			tensor(s.tensor(key, dims))
		case meta != nil:
			s.fail("two entries %q", metaKey)
		default:
			meta = s.metadata()
		}
	}
	if s.space(); s.err == nil && s.at < len(header) {
		s.fail("something follows the header's end")
	}
	return meta, s.err
}
