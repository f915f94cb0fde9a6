// Package gloss is the root of a module that trains multilayer perceptrons on any GPU whose driver speaks OpenGL 4.3,
// and on the CPU where there is none. It holds no code; start with these packages:
//
//   - backend/cpu and backend/gl open a device,
//   - data puts a data set on it,
//   - nn builds a model of layers, a loss and an optimizer,
//   - train runs the epochs,
//   - backend is the contract between them, for those who write layers or devices of their own.
//
// The command cmd/mlpbench compares the devices of a machine.
package gloss
