// The system's BLAS. A module of its own: it needs cgo, and gloss does not.
module github.com/gloss-ml/gloss/backend/cpu/netlib

go 1.26.0

// Development is on both at once. A program that uses this module gets the gloss that its own go.mod names.
replace github.com/gloss-ml/gloss => ../../..

require (
	github.com/gloss-ml/gloss v0.0.0-00010101000000-000000000000
	gonum.org/v1/netlib v0.0.0-20190313105609-8cb42192e0e0
)

require (
	golang.org/x/exp v0.0.0-20261113113407-e3970619a1a4 // indirect
	golang.org/x/sys v0.49.0 // indirect
	gonum.org/v1/gonum v0.17.0 // indirect
)
