module github.com/gloss-ml/gloss

go 1.26

require (
	github.com/go-gl/gl v0.0.0-20231021071112-07e5d0ea2e71
	golang.org/x/sys v0.38.0
	gonum.org/v1/gonum v0.17.0
)
