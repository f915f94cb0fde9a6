package exchange

import (
	"fmt"
	"go/token"
	"strings"
	"unicode"

	"github.com/gloss-ml/gloss/data/tabular"
)

// goRow writes the type Row, with a field for each column, and what is made of it.
func goRow(p *tabular.Prep) string {
	var s, put strings.Builder
	s.WriteString("\n// A Row is the columns of a table. A number that is not there is NaN, a text \"\".\ntype Row struct {\n")
	names := map[string]bool{"Row": true}
	at, codes := 0, 0
	for _, in := range p.Inputs {
		name := fieldName(in.Name, names)
		kind := "string"
		if in.Kind == tabular.Number {
			kind = "float64"
		}
		fmt.Fprintf(&s, "\t%s %s // %s\n", name, kind, strings.Join(strings.Fields(in.Name), " "))
		if embedded(in) {
			fmt.Fprintf(&put, "\tn.codes[%d] = -1\n", codes)
			goLevels(&put, in, name, func(i int) string { return fmt.Sprintf("n.codes[%d] = %d", codes, i) })
			codes++
			continue
		}
		at += goInput(&put, in, name, at)
	}
	args := "n.in[:]"
	if codes > 0 {
		args += ", n.codes[:]"
	}
	s.WriteString("}\n\n// PredictRow is Predict of a row's columns.\nfunc (n *Network) PredictRow(r Row) []float32 {\n\tclear(n.in[:])\n" + put.String() + "\treturn n.Predict(" + args + ")\n}\n\n")
	t := p.Target
	if t.Task == tabular.Regress {
		fmt.Fprintf(&s, "// Value predicts %s.\nfunc (n *Network) Value(r Row) float64 { return float64(n.PredictRow(r)[0])*%v + %v }\n", quoted(t.Name), t.Width, t.Center)
		return s.String()
	}
	fmt.Fprintf(&s, "// Classes are what %s can be, in the order of the outputs.\nvar Classes = [Outputs]string{", quoted(t.Name))
	for _, c := range t.Classes {
		fmt.Fprintf(&s, "%q, ", c)
	}
	s.WriteString("}\n\n// Class predicts which of them a row is.\nfunc (n *Network) Class(r Row) string {\n\tbest := 0\n\ty := n.PredictRow(r)\n\tfor i, v := range y {\n\t\tif v > y[best] {\n\t\t\tbest = i\n\t\t}\n\t}\n\treturn Classes[best]\n}\n")
	return s.String()
}

// goInput writes what becomes of a column, and says how many inputs that is.
func goInput(s *strings.Builder, in tabular.Input, name string, at int) int {
	n := 1
	switch {
	case in.Fail: // what is not there makes outputs that are no numbers
		fmt.Fprintf(s, "\tn.in[%d] = float32((r.%s - %v) / %v)\n", at, name, paren(in.Center), paren(in.Width))
	case in.Kind == tabular.Number:
		fmt.Fprintf(s, "\tif v := r.%s; v == v {\n\t\tn.in[%d] = float32((v - %v) / %v)\n\t} else {\n\t\tn.in[%[2]d] = float32((%[5]v - %[3]v) / %[4]v)\n", name, at, paren(in.Center), paren(in.Width), paren(in.Fill))
		if in.Indicate {
			fmt.Fprintf(s, "\t\tn.in[%d] = 1\n", at+1)
			n++
		}
		s.WriteString("\t}\n")
	case in.Coding == tabular.OneHot:
		n = len(in.Levels)
		goLevels(s, in, name, func(i int) string { return fmt.Sprintf("n.in[%d] = 1", at+i) })
	default: // ordinal
		fmt.Fprintf(s, "\tn.in[%d] = float32((%v - %v) / %v)\n", at, paren(in.Fill), paren(in.Center), paren(in.Width))
		goLevels(s, in, name, func(i int) string {
			return fmt.Sprintf("n.in[%d] = float32((%d - %v) / %v)", at, i, paren(in.Center), paren(in.Width))
		})
	}
	return n
}

// goLevels writes what is done for each text.
func goLevels(s *strings.Builder, in tabular.Input, name string, do func(i int) string) {
	fmt.Fprintf(s, "\tswitch r.%s {\n", name)
	for i, l := range in.Levels {
		fmt.Fprintf(s, "\tcase %q:\n\t\t%s\n", l, do(i))
	}
	s.WriteString("\t}\n")
}

// paren is a number as Go has it behind a minus sign. Division of constants is exact: as floats they are divided when it runs.
func paren(v float64) string { return fmt.Sprintf("float64(%v)", v) }

func quoted(name string) string { return strings.Join(strings.Fields(name), " ") }

// fieldName makes an exported name of a column's that no other has.
func fieldName(column string, taken map[string]bool) string {
	var s strings.Builder
	up := true
	for _, r := range column {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) && s.Len() > 0:
			if up {
				r = unicode.ToUpper(r)
			}
			s.WriteRune(r)
			up = false
		case unicode.IsDigit(r):
			s.WriteString("X" + string(r))
			up = false
		default:
			up = true
		}
	}
	name := s.String()
	if !token.IsExported(name) {
		name = "X" + name
	}
	for base, i := name, 2; taken[name]; i++ {
		name = fmt.Sprintf("%s%d", base, i)
	}
	taken[name] = true
	return name
}
