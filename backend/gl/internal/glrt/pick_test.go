//go:build cgo && (gl || glfw) && (linux || windows)

package glrt

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unsafe"
)

// paper is a context that only remembers what became of it.
type paper struct {
	name string
	now  *string // the current context
	gone *[]string
}

func (p *paper) MakeCurrent() error                { *p.now = p.name; return nil }
func (p *paper) Release() error                    { *p.now = ""; return nil }
func (p *paper) Destroy()                          { *p.gone = append(*p.gone, p.name); *p.now = "" }
func (p *paper) ProcAddress(string) unsafe.Pointer { return nil }

// TestPick: hardware goes before software by what the renderers say, wherever EGL lists them.
func TestPick(t *testing.T) {
	const soft, hard, bad = "llvmpipe", "GeForce", ""
	for _, c := range []struct {
		renderers []string // of candidates named a, b, c
		name      string
		want      string
		gone      []string
	}{
		{[]string{hard, soft}, "", "a", nil},
		{[]string{soft, hard}, "", "b", []string{"a"}},
		{[]string{soft, bad, soft}, "", "a", []string{"c"}},
		{[]string{bad, soft, hard}, "", "c", []string{"b"}},
		{[]string{hard, soft}, "LLVM", "b", []string{"a"}},
		{[]string{soft, hard}, "llvmpipe", "a", nil},
		{[]string{soft, hard}, "voodoo", "", []string{"a", "b"}},
		{[]string{hard, soft}, "Way B", "b", []string{"a"}},
		{[]string{bad}, "", "", nil},
	} {
		var now string
		var gone []string
		got, err := pick([]way{{name: "way a"}, {name: "way b"}, {name: "way c"}}[:len(c.renderers)], c.name, func(w way) (*opened, error) {
			name := strings.TrimPrefix(w.name, "way ")
			r := c.renderers[name[0]-'a']
			if r == bad {
				return nil, errors.New("broken")
			}
			now = name
			return &opened{context: &paper{name, &now, &gone}, info: Info{Renderer: r, Software: r == soft}}, nil
		})
		if (err == nil) != (c.want != "") || err == nil && got.context.(*paper).name != c.want || now != c.want || !slices.Equal(gone, c.gone) {
			t.Errorf("%q of %v: %v (%v), current %q, destroyed %v", c.name, c.renderers, got, err, now, gone)
		}
	}
}
